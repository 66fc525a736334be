"""The optimiser of a run: Adam, its learning rate over time and by layer."""

import keras
import numpy as np
from keras import ops

from dtf_keras import replicas
from dtf_keras.training.run.layer_names import layers_matching
from dtf_keras.training.settings.config import SettingError


def build_optimizer(config, model, steps_per_epoch):
    """Adam as the config says, its gradient clipped as a whole.

    Args:
        config: `RunConfig`.
        model: the model it will train; its frozen layers are known already.
        steps_per_epoch: training steps in an epoch.

    Raises:
        SettingError: a name that no layer has.
    """
    settings = {
        "learning_rate": build_schedule(config, steps_per_epoch),
        "weight_decay": config.weight_decay or None,
        "global_clipnorm": config.clip_norm or None,
    }
    if config.ema:
        settings |= {"use_ema": True, "ema_momentum": config.ema}
    if config.accumulate > 1:
        settings["gradient_accumulation_steps"] = config.accumulate
    if config.layer_rates:
        factors = factors_by_variable(config, model)
        return LayerRateAdam(factors, l2=config.l2, **settings)
    if config.l2:
        return L2Adam(config.l2, **settings)
    return RunAdam(**settings)


def total_updates(config, steps_per_epoch):
    """Updates of the weights in a run.

    Steps that an epoch leaves over go into the first update of the next one; those that
    the run leaves over, into none.

    Raises:
        SettingError: there are too few steps for one.
    """
    steps = config.epochs * steps_per_epoch
    if steps < config.accumulate:
        raise SettingError(
            f"accumulate is {config.accumulate}: the run has {steps} steps, too few "
            "for an update of the weights."
        )
    return steps // config.accumulate


def build_schedule(config, steps_per_epoch):
    """The learning rate over the steps of a run, which changes from update to update.

    A milestone is the update that has the first step of its epoch.
    """
    updates = total_updates(config, steps_per_epoch)
    warmup = warmup_of(config, updates)
    if config.schedule == "step":
        first_steps = [epoch * steps_per_epoch for epoch in config.milestones]
        schedule = StepDecay(
            config.learning_rate,
            [step // config.accumulate for step in first_steps],
            config.milestone_factor,
            warmup,
        )
    else:
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else config.learning_rate,
            decay_steps=updates - warmup,
            warmup_target=config.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    return schedule if config.accumulate == 1 else ByUpdate(schedule, config.accumulate)


def warmup_of(config, updates):
    """Updates of the warm-up: a tenth of a run that is not longer than the config's."""
    fits = config.warmup_steps < updates
    return config.warmup_steps if fits else updates // 10


def steps_of_update(optimizer):
    """Training steps whose gradients make one update of an optimiser (int)."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return inner.gradient_accumulation_steps or 1


def in_updates_of(optimizer, values, steps):
    """The state of an optimiser, as one has it that makes updates of more steps.

    The steps of the first, done or added up, count as many times as those of the second
    are smaller.

    Args:
        optimizer: the second one, built.
        values: variables of the first, arrays in the order of its `variables`.
        steps: `steps_of_update` of the first.

    Returns:
        List of arrays in the order of the second one's variables.

    Raises:
        SettingError: the steps of the second are no multiple of those of the first.
    """
    own = steps_of_update(optimizer)
    if own % steps:
        raise SettingError(
            f"The training state is of updates of {steps} steps: training cannot "
            f"continue from it with --accumulate {own}."
        )
    times, left, found = own // steps, iter(values), []
    for variable in optimizer.variables:
        if variable.name.endswith("gradient_accumulator"):
            added_up = next(left, ()) if steps > 1 else np.zeros(variable.shape)
            found.append(np.multiply(added_up, times))
        else:
            value = next(left, ())
            found.append(value * times if variable.name == "iteration" else value)
    return [*found, *left]


def factors_by_variable(config, model):
    """The config's `layer_rates` as a dict of variable paths to factors.

    Raises:
        SettingError: a name that no layer has, or two factors for one layer.
    """
    factors, chosen_by = {}, {}
    for pattern, factor in config.layer_rates.items():
        for path, layer in layers_matching(model, pattern, "layer_rates"):
            for variable in layer.trainable_variables:
                if factors.setdefault(variable.path, factor) != factor:
                    other = chosen_by[variable.path]
                    raise SettingError(
                        f"layer_rates: {other!r} and {pattern!r} both name {path} of "
                        f"{model.name}, with two factors: name each layer once."
                    )
                chosen_by[variable.path] = pattern
    return factors


@keras.saving.register_keras_serializable(package="dtf_keras")
class StepDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up from 0, then a factor on the learning rate at some steps.

    Args:
        learning_rate: the highest one.
        boundaries: steps from which one more factor counts (ints).
        factor: on the learning rate, at each of them.
        warmup_steps: steps of the warm-up.

    Example:

    >>> [float(StepDecay(1.0, [2], 0.5)(step)) for step in range(4)]
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(self, learning_rate, boundaries, factor=0.5, warmup_steps=0):
        super().__init__()
        self.learning_rate = learning_rate
        self.boundaries = list(boundaries)
        self.factor = factor
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rate = ops.cast(self.learning_rate, "float32")
        for boundary in self.boundaries:
            rate = rate * ops.where(step >= boundary, self.factor, 1.0)
        if self.warmup_steps:
            rate = rate * ops.minimum(step / self.warmup_steps, 1.0)
        return rate

    def get_config(self):
        return {
            "learning_rate": self.learning_rate,
            "boundaries": self.boundaries,
            "factor": self.factor,
            "warmup_steps": self.warmup_steps,
        }


@keras.saving.register_keras_serializable(package="dtf_keras")
class ByUpdate(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule over updates of the weights, of which each takes several steps.

    Keras asks for the learning rate of a step.

    Args:
        schedule: `LearningRateSchedule` of the updates.
        steps: of an update.

    Example:

    >>> [float(ByUpdate(StepDecay(1.0, [1]), 2)(step)) for step in range(4)]
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(self, schedule, steps):
        super().__init__()
        self.schedule = schedule
        self.steps = steps

    def __call__(self, step):
        return self.schedule(ops.floor_divide(step, self.steps))

    def get_config(self):
        schedule = keras.saving.serialize_keras_object(self.schedule)
        return {"schedule": schedule, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, config["steps"])


@keras.saving.register_keras_serializable(package="dtf_keras")
class RunAdam(keras.optimizers.Adam):
    """Adam as runs need it, whether gradients are added up or replicas have their own.

    The running average of the weights moves when they do: that of Keras moves at each
    step, at those too whose gradients are only added up. The gradient of all replicas
    together is clipped: Keras clips that of each.
    """

    def _clip_gradients(self, grads):
        count = replicas.count()
        if count == 1:
            return super()._clip_gradients(grads)
        grads = super()._clip_gradients([replicas.total(grad) for grad in grads])
        return [grad / count for grad in grads]  # they are added up again

    def _update_model_variables_moving_average(self, trainable_variables):
        steps = self.gradient_accumulation_steps or 1
        updated = ops.equal((self._iterations + 1) % steps, 0)
        share = ops.where(updated, 1.0 - self.ema_momentum, 0.0)
        # Until the second update it is the weights themselves.
        share = ops.where(ops.equal(self.iterations, 0), 1.0, share)
        averages = self._model_variables_moving_average
        for variable, average in zip(trainable_variables, averages, strict=True):
            if average is not None:
                own = ops.cast(share, variable.dtype)
                average.assign((1 - own) * average + own * variable)


@keras.saving.register_keras_serializable(package="dtf_keras")
class L2Adam(RunAdam):
    """Adam with a share of each weight added to its gradient.

    So PyTorch's Adam decays weights, before its moments are made; Keras' `weight_decay`
    is decoupled from them. The gradient is clipped, if it is, before that.

    Args:
        l2: factor on the weights.
        learning_rate, **settings: as `keras.optimizers.Adam`.
    """

    def __init__(self, l2=0.0, learning_rate=1e-3, **settings):
        super().__init__(learning_rate, **settings)
        self.l2 = l2

    def update_step(self, gradient, variable, learning_rate):
        if self.l2:
            gradient = gradient + ops.cast(self.l2, gradient.dtype) * ops.cast(
                variable, gradient.dtype
            )
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return {**super().get_config(), "l2": self.l2}


@keras.saving.register_keras_serializable(package="dtf_keras")
class LayerRateAdam(L2Adam):
    """Adam with a factor on the learning rate of each variable.

    One optimiser for all layers, where `keras.optimizers.MultiOptimizer` would have
    several: the gradient is clipped by its norm over all of them, and there is one
    learning rate to report. Decoupled weight decay has the factor too.

    Args:
        factors: dict of variable paths to factors; 1 for those not in it.
        learning_rate, weight_decay, **settings: as `keras.optimizers.Adam`.
        l2: as `L2Adam`.
    """

    def __init__(
        self, factors, learning_rate=1e-3, weight_decay=None, l2=0.0, **settings
    ):
        # Keras would decay all weights alike, so `update_step` does it.
        super().__init__(l2, learning_rate, weight_decay=None, **settings)
        self.factors = dict(factors)
        self.decay = weight_decay

    def build(self, variables):
        if not self.built:
            self._ordered = tuple(self.factors.get(v.path, 1.0) for v in variables)
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        rate = learning_rate * self._ordered[self._get_variable_index(variable)]
        if self.decay:
            shrink = ops.cast(rate * self.decay, variable.dtype)
            self.assign_sub(variable, ops.multiply(variable, shrink))
        super().update_step(gradient, variable, rate)

    def get_config(self):
        config = {**super().get_config(), "weight_decay": self.decay}
        return {**config, "factors": dict(self.factors)}
