"""Which values the settings of a run can have."""

import typing

from dtf_keras.input_format import RESIZES
from dtf_keras.values import (
    fits,
    one_of,
    real_number,
    size_2d,
    type_name,
    whole_number,
)
from dtf_keras.words import quoted

_FROM_1 = ("epochs", "batch_size", "accumulate")
_FROM_0 = ("seed", "warmup_steps")
_ABOVE_0 = ("width", "learning_rate")
_NOT_BELOW_0 = ("clip_norm", "weight_decay", "l2")


class SettingError(ValueError):
    """A setting that does not exist or cannot have that value."""


def check(config):
    """Checks the values of a `RunConfig`, each by itself.

    Raises:
        SettingError: a value that cannot be; it names the setting.
    """
    _check_types(config)
    try:
        _check_values(config)
    except ValueError as error:
        raise SettingError(str(error)) from error


def _check_types(config):
    for name, kind in typing.get_type_hints(type(config)).items():
        value = getattr(config, name)
        if not fits(value, kind):
            raise SettingError(
                f"{name} is {quoted(value)}: expected {type_name(kind)}."
            )


def _check_values(config):
    size_2d("frame_size", config.frame_size)
    for name in _FROM_1:
        whole_number(name, getattr(config, name))
    for name in ("num_clips", "num_eval_clips"):
        if getattr(config, name) is not None:
            whole_number(name, getattr(config, name))
    for name in _FROM_0:
        whole_number(name, getattr(config, name), at_least=0)
    real_number("seed", config.seed, below=2**32)
    for name in _ABOVE_0:
        real_number(name, getattr(config, name), above=0)
    for name in _NOT_BELOW_0:
        real_number(name, getattr(config, name), at_least=0)
    real_number("ema", config.ema, at_least=0, below=1)
    real_number("milestone_factor", config.milestone_factor, above=0, at_most=1)
    if config.crop is not None:
        real_number("crop", config.crop, above=0, at_most=1)
    if config.resize is not None:
        one_of("resize", config.resize, RESIZES)
    rising = sorted({epoch for epoch in config.milestones if epoch > 0})
    if list(config.milestones) != rising:
        raise ValueError(
            f"milestones is {list(config.milestones)}: it must be epochs, each later "
            "than the one before."
        )
    for layer, factor in config.layer_rates.items():
        real_number(f"layer_rates: {layer}", factor, above=0)
    config.decoder.check()
