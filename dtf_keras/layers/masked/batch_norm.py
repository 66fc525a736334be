"""Batch normalisation with statistics of real frames."""

import math

import keras
from keras import ops

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
        **kwargs: as `keras.layers.BatchNormalization`.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, with the same mask.

    Raises:
        ValueError: if asked for another axis than the last, `renorm` or `synchronized`.
    """

    def __init__(self, **kwargs):
        for option, value in _FIXED.items():
            if kwargs.get(option, value) != value:
                raise ValueError(
                    f"{type(self).__name__} normalises the last axis with each batch's "
                    f"statistics: leave {option} out. "
                    f"Received: {option}={kwargs[option]}."
                )
        super().__init__(**kwargs)

    def call(self, inputs, training=None, mask=None):
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        if training and self.trainable:
            mean, variance, any_real = _moments(x, mask)
            for moving, batch in (
                (self.moving_mean, mean),
                (self.moving_variance, variance),
            ):
                moved = moving * self.momentum + batch * (1.0 - self.momentum)
                moving.assign(ops.where(any_real, moved, moving.value))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        outputs = ops.batch_normalization(
            x,
            mean=mean,
            variance=variance,
            axis=-1,
            offset=self.beta,
            scale=self.gamma,
            epsilon=self.epsilon,
        )
        return ops.cast(outputs, self.compute_dtype)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)


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


def _moments(x, mask):
    """Mean and variance `[D]` over the real frames, and whether there is any."""
    if mask is None:
        mask = ops.ones(ops.shape(x)[:1], dtype="bool")
    pixels = math.prod(ops.shape(x)[len(mask.shape) : -1])
    x = ops.reshape(x, (-1, pixels, x.shape[-1]))  # (N, P, D)
    real = ops.cast(ops.reshape(ops.cast(mask, "bool"), (-1,)), x.dtype)  # (N,)
    count = ops.sum(real)
    weights = real / ops.maximum(count, 1.0) / ops.cast(pixels, x.dtype)
    mean = ops.matmul(weights, ops.sum(x, axis=1))
    spread = ops.sum(ops.square(x - mean), axis=1)
    return mean, ops.matmul(weights, spread), count > 0
