"""Which values the settings of a run can have."""

from dtf_keras.values import fits

_ABOVE_0 = ("width", "frame_size", "epochs", "batch_size", "learning_rate")
_ABOVE_0 += ("beam_width",)
_NOT_BELOW_0 = ("seed", "warmup_steps", "clip_norm", "weight_decay")


class SettingError(ValueError):
    """A setting that does not exist or cannot have that value."""


def check(config):
    """Checks the values of a `RunConfig`, each by itself.

    Raises:
        SettingError: a value that cannot be; it names the setting.
    """

    def require(name, holds, expected):
        if not holds:
            value = getattr(config, name)
            value = list(value) if isinstance(value, tuple) else value
            raise SettingError(f"{name} is {value}: it must be {expected}.")

    for name in _ABOVE_0:
        require(name, getattr(config, name) > 0, "more than 0")
    for name in ("num_clips", "num_eval_clips"):
        value = getattr(config, name)
        require(name, value is None or value > 0, "more than 0, or left out")
    for name in _NOT_BELOW_0:
        require(name, getattr(config, name) >= 0, "0 or more")
    require("seed", config.seed < 2**32, "less than 2 to the power of 32")
    require("ema", 0 <= config.ema < 1, "at least 0 and less than 1")
    factor = config.milestone_factor
    require("milestone_factor", 0 < factor <= 1, "above 0 and at most 1")
    rising = sorted({epoch for epoch in config.milestones if epoch > 0})
    rises = list(config.milestones) == rising
    require("milestones", rises, "epochs, each later than the one before")
    rates = config.layer_rates.values()
    above_0 = all(fits(rate, float) and rate > 0 for rate in rates)
    require("layer_rates", above_0, "factors more than 0, by layer name")
