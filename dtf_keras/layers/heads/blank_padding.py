import keras
from keras import ops

from dtf_keras.layers.masked.masking import mask_or_all, mask_to_lengths
from dtf_keras.layers.time_geometry import STEP_BY_STEP

IMPOSSIBLE = -1e9
"""Logit of every gloss on a padded step. Finite, and 0 after any softmax."""


@keras.saving.register_keras_serializable(package="dtf_keras")
class BlankPadding(keras.layers.Layer):
    """Makes blank certain on padded steps, so that logits need no lengths beside them.

    On a padded step blank (class 0) gets the logit 0 and every gloss -1e9. CTC over all
    T' steps then equals CTC over the clip's own steps, and any decoder yields nothing
    there. The mask ends here (a mask on the output breaks `keras.losses.CTC`);
    `count_valid_steps` reads the lengths back from the logits, on every backend and
    under jit. Always float32.

    Args:
        active_in_training: whether it does so in training too; if not, logits pass
            through it there as they are, all their steps valid.

    Call arguments:
        inputs: logits `[B, T', V]`.
        mask: bool `[B, T']`, True = real step.

    Output: float32 `[B, T', V]`, without a mask.
    """

    def __init__(self, active_in_training=True, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.active_in_training = active_in_training
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, training=None, mask=None):
        if training and not self.active_in_training:
            return inputs
        mask = mask_or_all(inputs, mask)
        is_gloss = ops.arange(inputs.shape[-1], dtype="int32") > 0  # (V,)
        blank = ops.where(is_gloss, IMPOSSIBLE, 0.0)
        blank = ops.cast(blank, inputs.dtype)
        return ops.where(mask[..., None], inputs, blank)

    def compute_mask(self, inputs, mask=None):
        return None

    def compute_output_shape(self, input_shape):
        return input_shape

    def time_geometry(self):
        return STEP_BY_STEP

    def get_config(self):
        return {**super().get_config(), "active_in_training": self.active_in_training}


def count_valid_steps(logits):
    """Real output steps of each clip, from the logits of a model of this package.

    Args:
        logits: `[B, T', V]`, as `BlankPadding` leaves them.

    Returns:
        int32 `[B]`. A step whose logits are NaN counts as real, so that the loss of a
        model that broke is NaN, not that of an empty clip.
    """
    padded = ops.max(logits[..., 1:], axis=-1) <= IMPOSSIBLE / 2  # (B, T')
    return mask_to_lengths(ops.logical_not(padded))
