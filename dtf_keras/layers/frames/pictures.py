"""Convolutions and pooling of pictures `[N, H, W, D]`, features last.

Keras copies pictures twice a convolution on PyTorch where features are last: it puts
them first, then gives the memory the order from which it came. Said to be first, by a
view, they are convolved as they lie.
"""

import keras
from keras import ops


class PictureConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` of pictures, features last."""

    def convolution_op(self, inputs, kernel):
        return convolve(inputs, kernel, self.strides, self.padding)


def convolve(pictures, kernel, strides=1, padding="valid"):
    """`ops.conv` of pictures with a kernel `[k, k, D, F]`: `[N, H', W', F]`."""
    return _as_they_lie(ops.conv, pictures, kernel, strides, padding)


def convolve_each(pictures, kernel, dilation):
    """`ops.depthwise_conv` with `[k, k, D, M]`: `[N, H, W, D * M]`."""
    return _as_they_lie(
        ops.depthwise_conv, pictures, kernel, 1, "same", dilation_rate=dilation
    )


def max_pool(pictures, size, strides):
    """`ops.max_pool` of pictures, nothing around them: `[N, H', W', D]`."""
    return _as_they_lie(ops.max_pool, pictures, size, strides)


def _as_they_lie(operation, pictures, *args, **kwargs):
    if keras.backend.backend() != "torch":
        return operation(pictures, *args, data_format="channels_last", **kwargs)
    first = ops.transpose(pictures, (0, 3, 1, 2))
    found = operation(first, *args, data_format="channels_first", **kwargs)
    return ops.transpose(found, (0, 2, 3, 1))
