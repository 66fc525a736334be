"""Two layers that change the mask alone, to let layers between them see padding."""

import keras
from keras import ops

from dtf_keras.layers.masked.masking import (
    MaskAtRunTime,
    longest_clip_mask,
    mask_or_all,
)
from dtf_keras.layers.time_geometry import STEP_BY_STEP, WHOLE_CLIP


@keras.saving.register_keras_serializable(package="dtf_keras")
class LongestClipMask(MaskAtRunTime, keras.layers.Layer):
    """Lets what follows see every clip as long as the longest of its batch.

    A clip then depends on its batch, as in the source, which knows no masks.
    `MaskLike` ends it.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: the same values, with the mask of the longest clip for all.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs):
        return ops.copy(inputs)  # the mask of the input itself must stay

    def compute_mask(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        if isinstance(inputs, keras.KerasTensor):
            return mask
        return longest_clip_mask(mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def time_geometry(self):
        return WHOLE_CLIP  # what follows depends on the batch


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskLike(MaskAtRunTime, keras.layers.Layer):
    """Gives a sequence the mask of another one of the same length.

    Call arguments:
        inputs: `(x, like)`: `[B, T, D]` and `[B, T, ...]`.

    Output: `x`, with the mask of `like`.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs):
        return ops.copy(inputs[0])

    def compute_mask(self, inputs, mask=None):
        _, like = inputs
        return mask_or_all(like, None if mask is None else mask[1])

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def time_geometry(self):
        return STEP_BY_STEP
