"""Batch normalisation with statistics of real frames."""

import keras
from keras import ops

from dtf_keras.layers.masked.batch_statistics import normalise, normalise_by_batch
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all

_FIXED = {"axis": -1, "renorm": False, "synchronized": False}


@keras.saving.register_keras_serializable("dtf_keras", "BatchNormalization")
class MaskedBatchNormalization(MaskAtRunTime, keras.layers.BatchNormalization):
    """Batch normalisation of features whose statistics leave padded frames out.

    The same weights and the same function as `keras.layers.BatchNormalization`; only
    the mask differs. Its axes are the first ones of the inputs: it says which frames
    are real, and need not be spread over the pixels of a frame. In a batch without any
    real frame the moving statistics stay as they are (those of Keras move towards 0).

    Args:
        relu: whether a ReLU follows, which on PyTorch is faster so.
        **kwargs: as `keras.layers.BatchNormalization`.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame; one without axes says whether all or
            none of the frames are real.

    Output: `[B, T, D]`, with the same mask.

    Raises:
        ValueError: if asked for another axis than the last, `renorm` or `synchronized`.
    """

    def __init__(self, *, relu=False, **kwargs):
        for option, value in _FIXED.items():
            if kwargs.get(option, value) != value:
                raise ValueError(
                    f"{type(self).__name__} normalises the last axis with each batch's "
                    f"statistics: leave {option} out. "
                    f"Received: {option}={kwargs[option]}."
                )
        super().__init__(**kwargs)
        self.relu = bool(relu)

    def call(self, inputs, training=None, mask=None):
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        units = inputs.shape[-1:]
        scale = ops.ones(units) if self.gamma is None else self.gamma
        offset = ops.zeros(units) if self.beta is None else self.beta
        how = ops.cast(scale, dtype), ops.cast(offset, dtype), self.epsilon, self.relu
        if not training or not self.trainable:
            moments = self.moving_mean, self.moving_variance
            moments = (ops.cast(one, dtype) for one in moments)
            return ops.cast(normalise(inputs, *moments, *how), self.compute_dtype)
        outputs, mean, variance, any_real = normalise_by_batch(inputs, mask, *how)
        for moving, batch in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moved = moving * self.momentum + batch * (1.0 - self.momentum)
            if any_real is not True:
                moved = ops.where(any_real, moved, moving.value)
            moving.assign(moved)
        return ops.cast(outputs, self.compute_dtype)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def get_config(self):
        return {**super().get_config(), "relu": self.relu}


@keras.saving.register_keras_serializable(package="dtf_keras")
class FrameBatchNormalization(MaskedBatchNormalization):
    """`MaskedBatchNormalization` of images.

    Call arguments:
        inputs: frames `[N, H, W, D]`.
        mask: bool `[N]`, True = real frame.

    Output: `[N, H, W, D]`.
    """

    def compute_mask(self, inputs, mask=None):
        return None if mask is None else ops.cast(mask, "bool")
