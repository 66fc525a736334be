"""Convolutions and pooling of pictures `[N, H, W, D]`, features last.

Keras copies pictures twice a convolution on PyTorch where features are last: it puts
them first, then gives the memory the order from which it came. Said to be first, by a
view, they are convolved as they lie.
"""

import keras
from keras import ops


class PictureConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` of pictures, features last, with as many zeros on all four
    sides; a mask is handed on.

    With a stride Keras' "same" has one pixel less above and to the left.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.supports_masking = True
        size, *others = self.kernel_size
        if size % 2 == 0 or others != [size]:
            raise ValueError(
                f"{type(self).__name__} pads all sides alike: its kernel is square and "
                f"odd. Received: kernel_size={self.kernel_size}."
            )

    def convolution_op(self, inputs, kernel):
        margin = self.kernel_size[0] // 2 if self.padding == "same" else 0
        return convolve(inputs, kernel, self.strides[0], margin)


def pad_frames(pictures, margin):
    """Zeros around pictures: `[N, H, W, D]` -> `[N, H + 2 margin, W + 2 margin, D]`."""
    if not margin:
        return pictures
    return ops.pad(pictures, [[0, 0], [margin, margin], [margin, margin], [0, 0]])


def convolve(pictures, kernel, strides=1, margin=0):
    """`ops.conv` of pictures with a kernel `[k, k, D, F]`: `[N, H', W', F]`.

    Args:
        strides: pixels between two places of the kernel.
        margin: zeros on each side.
    """
    if keras.backend.backend() == "torch":
        from torch.nn.functional import conv2d

        kernel = ops.transpose(kernel, (3, 2, 0, 1))
        return _as_they_lie(conv2d, pictures, kernel, stride=strides, padding=margin)
    size = kernel.shape[0]
    if keras.backend.backend() == "jax" and size == 3:
        places = [side + 2 * margin - 2 for side in pictures.shape[1:3]]
        if min(-(-n // strides) for n in places) < 3:
            return _product_of_windows(pictures, kernel, strides, margin)
    same = strides == 1 and margin == size // 2
    pictures = pictures if same else pad_frames(pictures, margin)
    padding = "same" if same else "valid"
    return ops.conv(pictures, kernel, strides, padding, data_format="channels_last")


def convolve_each(pictures, kernel, dilation):
    """`ops.depthwise_conv` with `[k, k, D, M]`: `[N, H, W, D * M]`."""
    how = {"strides": 1, "padding": "same", "dilation_rate": dilation}
    if keras.backend.backend() != "torch":
        how["data_format"] = "channels_last"
        return ops.depthwise_conv(pictures, kernel, **how)
    how["data_format"] = "channels_first"
    return _as_they_lie(ops.depthwise_conv, pictures, kernel, **how)


def max_pool(pictures, size, strides, margin=0):
    """`ops.max_pool` of pictures: `[N, H', W', D]`.

    Args:
        size, strides: of the windows, in pixels.
        margin: zeros on each side; nothing in the pictures may then be below 0.
    """
    if keras.backend.backend() == "torch":
        from torch.nn.functional import max_pool2d

        return _as_they_lie(max_pool2d, pictures, size, strides, margin)
    pictures = pad_frames(pictures, margin)
    if keras.backend.backend() == "jax" and size == strides == 2:
        return _max_of_four(pictures)
    return ops.max_pool(pictures, size, strides, data_format="channels_last")


def _as_they_lie(operation, pictures, *args, **kwargs):
    """An operation of PyTorch, which has features first, without a copy."""
    first = ops.transpose(pictures, (0, 3, 1, 2))
    return ops.transpose(operation(first, *args, **kwargs), (0, 2, 3, 1))


def _product_of_windows(pictures, kernel, strides, margin):
    """`convolve`; of so few pixels XLA's own takes up to eighty times as long."""
    pictures = pad_frames(pictures, margin)
    height, width = (side - 2 for side in pictures.shape[1:3])
    windows = [
        pictures[:, top : top + height : strides, left : left + width : strides]
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
