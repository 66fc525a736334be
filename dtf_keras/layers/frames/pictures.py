"""Convolutions and pooling of pictures `[N, H, W, D]`, features last.

Keras copies pictures twice a convolution on PyTorch where features are last: it puts
them first, then gives the memory the order from which it came. Said to be first, by a
view, they are convolved as they lie.
"""

import keras
from keras import ops


class PictureConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` of pictures, features last; a mask is handed on."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.supports_masking = True

    def convolution_op(self, inputs, kernel):
        return convolve(inputs, kernel, self.strides, self.padding)


def convolve(pictures, kernel, strides=1, padding="valid"):
    """`ops.conv` of pictures with a kernel `[k, k, D, F]`: `[N, H', W', F]`."""
    if keras.backend.backend() == "jax" and kernel.shape[:2] == (3, 3):
        steps = strides if isinstance(strides, tuple) else (strides, strides)
        margin = 1 if padding == "same" else 0
        places = [side + 2 * margin - 2 for side in pictures.shape[1:3]]
        fewest = min(-(-n // step) for n, step in zip(places, steps, strict=True))
        if fewest < 3 and (padding == "valid" or steps == (1, 1)):
            return _product_of_windows(pictures, kernel, steps, margin)
    return _as_they_lie(ops.conv, pictures, kernel, strides, padding)


def convolve_each(pictures, kernel, dilation):
    """`ops.depthwise_conv` with `[k, k, D, M]`: `[N, H, W, D * M]`."""
    return _as_they_lie(
        ops.depthwise_conv, pictures, kernel, 1, "same", dilation_rate=dilation
    )


def max_pool(pictures, size, strides):
    """`ops.max_pool` of pictures, nothing around them: `[N, H', W', D]`."""
    if keras.backend.backend() == "jax" and size == strides == 2:
        return _max_of_four(pictures)
    return _as_they_lie(ops.max_pool, pictures, size, strides)


def _as_they_lie(operation, pictures, *args, **kwargs):
    if keras.backend.backend() != "torch":
        return operation(pictures, *args, data_format="channels_last", **kwargs)
    first = ops.transpose(pictures, (0, 3, 1, 2))
    found = operation(first, *args, data_format="channels_first", **kwargs)
    return ops.transpose(found, (0, 2, 3, 1))


def _product_of_windows(pictures, kernel, steps, margin):
    """`convolve`; of so few pixels XLA's own takes up to eighty times as long."""
    around = [margin, margin]
    pictures = ops.pad(pictures, [[0, 0], around, around, [0, 0]])
    height, width = (side - 2 for side in pictures.shape[1:3])
    windows = [
        pictures[:, top : top + height : steps[0], left : left + width : steps[1]]
        for top in range(3)
        for left in range(3)
    ]
    kernel = ops.reshape(kernel, (-1, kernel.shape[-1]))
    return ops.matmul(ops.concatenate(windows, axis=-1), kernel)


@ops.custom_gradient
def _max_of_four(pictures):
    """`max_pool` by 2; XLA's gradient of it takes longer than a convolution's."""
    height, width = pictures.shape[1] // 2 * 2, pictures.shape[2] // 2 * 2
    a, b, c, d = (
        pictures[:, row:height:2, column:width:2] for row in (0, 1) for column in (0, 1)
    )
    # Chosen in rounds, so that of four exactly one wins, however they are rounded.
    left, right = a >= b, c >= d
    above = ops.where(left, a, b) >= ops.where(right, c, d)

    def gradient(*upstream):
        (dy,) = upstream
        none = ops.zeros_like(dy)
        to_above, to_below = ops.where(above, dy, none), ops.where(above, none, dy)
        pairs = (left, to_above), (right, to_below)
        rows = [
            ops.stack([ops.where(first, row, none), ops.where(first, none, row)], 3)
            for first, row in pairs
        ]
        found = ops.reshape(ops.stack(rows, 2), (-1, height, width, dy.shape[-1]))
        below, beside = pictures.shape[1] - height, pictures.shape[2] - width
        return ops.pad(found, [[0, 0], [0, below], [0, beside], [0, 0]])

    return ops.max_pool(pictures, 2, 2, data_format="channels_last"), gradient
