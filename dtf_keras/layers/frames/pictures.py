"""Convolutions and pooling of pictures `[N, H, W, D]`, features last.

Keras copies pictures twice a convolution on PyTorch where features are last: it puts
them first, then gives the memory the order from which it came. Said to be first, by a
view, they are convolved as they lie.
"""

import keras
from keras import ops

from dtf_keras.layers.frames import xla_pictures
from dtf_keras.layers.frames.xla_pictures import pad_frames


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
    if keras.backend.backend() == "jax":
        return xla_pictures.convolve(pictures, kernel, strides, margin)
    same = strides == 1 and margin == kernel.shape[0] // 2
    pictures = pictures if same else pad_frames(pictures, margin)
    padding = "same" if same else "valid"
    return ops.conv(pictures, kernel, strides, padding, data_format="channels_last")


def convolve_each(pictures, kernel, dilation):
    """`ops.depthwise_conv` with `[k, k, D, M]`: `[N, H, W, D * M]`."""
    how = {"padding": "same", "dilation_rate": dilation}
    if keras.backend.backend() == "torch":
        how["data_format"] = "channels_first"
        return _as_they_lie(ops.depthwise_conv, pictures, kernel, **how)
    return ops.depthwise_conv(pictures, kernel, data_format="channels_last", **how)


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
        return xla_pictures.max_of_four(pictures)
    return ops.max_pool(pictures, size, strides, data_format="channels_last")


def _as_they_lie(operation, pictures, *args, **kwargs):
    """An operation of PyTorch, which has features first, without a copy."""
    first = ops.transpose(pictures, (0, 3, 1, 2))
    return ops.transpose(operation(first, *args, **kwargs), (0, 2, 3, 1))
