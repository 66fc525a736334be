"""CTC for logits that carry their own lengths (see `BlankPadding`)."""

import keras
from keras import ops

from dtf_keras.layers import count_valid_steps


def is_feasible(glosses, logits):
    """Whether each clip is long enough for its glosses.

    CTC needs one output step a gloss and one more between two equal neighbours.

    Args:
        glosses: class ids `[B, L]`, padded with 0 (blank).
        logits: `[B, T', V]` of a model of this package.

    Returns:
        bool `[B]`.
    """
    return _fits(ops.cast(glosses, "int32"), count_valid_steps(logits))


def _fits(glosses, steps):
    labels = ops.sum(ops.cast(glosses != 0, "int32"), axis=-1)
    again = (glosses[:, 1:] == glosses[:, :-1]) & (glosses[:, 1:] != 0)
    repeats = ops.sum(ops.cast(again, "int32"), axis=-1)
    return labels + repeats <= steps


@keras.saving.register_keras_serializable(package="dtf_keras")
class CTCLoss(keras.losses.Loss):
    """CTC over each clip's real steps; a clip too short for its glosses weighs 0.

    Blank is class 0. The loss of a batch is the sum over its clips divided by the batch
    size, not by the number of glosses. `InfeasibleClips` counts the clips left out.

    Call arguments:
        y_true: gloss ids `[B, L]`, padded with 0.
        y_pred: logits `[B, T', V]` of a model of this package.

    References: Graves et al., 2006.
    """

    def __init__(self, name="ctc", **kwargs):
        super().__init__(name=name, **kwargs)

    def call(self, y_true, y_pred):
        glosses = ops.cast(y_true, "int32")
        logits = ops.cast(y_pred, "float32")
        steps = count_valid_steps(logits)
        feasible = _fits(glosses, steps)
        # An infeasible row has an infinite loss and NaN gradients: take its glosses off
        # before the op, then weigh it with 0.
        glosses = ops.where(feasible[:, None], glosses, 0)
        labels = ops.sum(ops.cast(glosses != 0, "int32"), axis=-1)
        steps = ops.maximum(steps, 1)
        losses = ops.ctc_loss(glosses, logits, labels, steps, mask_index=0)
        return ops.where(feasible, losses, 0.0)


@keras.saving.register_keras_serializable(package="dtf_keras")
class InfeasibleClips(keras.metrics.Metric):
    """Counts the clips that `CTCLoss` left out: fewer steps than their glosses need."""

    def __init__(self, name="infeasible_clips", **kwargs):
        super().__init__(name=name, **kwargs)
        self.count = self.add_variable((), initializer="zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        left_out = ops.logical_not(is_feasible(y_true, y_pred))
        self.count.assign_add(ops.sum(ops.cast(left_out, self.count.dtype)))

    def result(self):
        return ops.convert_to_tensor(self.count)
