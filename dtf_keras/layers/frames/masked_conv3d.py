"""Convolutions over frames and pixels at once, as sums of convolutions of pictures.

Each frame is convolved once, with the kernels of all places in time together; what
they give is then moved by their places and added. So every backend uses its kernels
for pictures: three-dimensional ones are slow or missing on CPUs.
"""

import abc
import math

import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.pictures import convolve, convolve_each
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.time_geometry import same_convolution
from dtf_keras.values import whole_number


class _MaskedConvolution3D(MaskAtRunTime, keras.layers.Layer, abc.ABC):
    """What both kinds share: a kernel of t frames and k x k pixels, zeros around."""

    def __init__(self, kernel_size, use_bias, **kwargs):
        super().__init__(**kwargs)
        frames, pixels = (whole_number("kernel_size", size) for size in kernel_size)
        if frames % 2 == 0 or pixels % 2 == 0:
            raise ValueError(
                f"{type(self).__name__} pads all sides alike: its kernel is odd in "
                f"frames and in pixels. Received: kernel_size={kernel_size!r}."
            )
        self.kernel_size = (frames, pixels)
        self.use_bias = bool(use_bias)
        self.supports_masking = True

    @abc.abstractmethod
    def convolve(self, pictures):
        """The taps of each picture: `[N, H, W, D]` to `[N, H', W', t * filters]`.

        Returns:
            The taps as `[N, H', W', t, filters]`.
        """

    def _add_weights(self, kernel_shape, fan_in, filters):
        self.kernel = self.add_weight(
            shape=kernel_shape,
            initializer=keras.initializers.RandomNormal(stddev=math.sqrt(2 / fan_in)),
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(filters,), initializer="zeros", name="bias"
            )
        self.built = True

    def call(self, inputs, mask=None):
        x = zero_padding(inputs, mask)
        batch, length = ops.shape(x)[:2]
        taps = self.convolve(ops.reshape(x, (-1, *x.shape[2:])))
        taps = ops.reshape(taps, (batch, length, *taps.shape[1:]))
        outputs = _moved_and_added(taps, length)
        return outputs if self.bias is None else outputs + self.bias

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def time_geometry(self):
        return same_convolution(self.kernel_size[0])

    def get_config(self):
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "use_bias": self.use_bias,
        }


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskedConv3D(_MaskedConvolution3D):
    """A convolution over frames and pixels that reads padding as zeros.

    The function of PyTorch's `Conv3d` with k // 2 zeros on every side, and with a
    stride over pixels alone: a clip keeps its frames.

    Args:
        filters: output features.
        kernel_size: `(t, k)`: frames and pixels that a kernel covers, both odd.
        strides: pixels between two places of the kernel.
        use_bias: whether a number is added to each feature.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, ceil(H / strides), ceil(W / strides), filters]`, with the same mask.

    Raises:
        ValueError: if a number is no whole number from 1, or the kernel is even.
    """

    def __init__(self, filters, kernel_size, strides=1, use_bias=False, **kwargs):
        super().__init__(kernel_size, use_bias, **kwargs)
        self.filters = whole_number("filters", filters)
        self.strides = whole_number("strides", strides)

    def build(self, input_shape):
        frames, pixels = self.kernel_size
        shape = (frames, pixels, pixels, input_shape[-1], self.filters)
        self._add_weights(shape, math.prod(shape[:4]), self.filters)

    def convolve(self, pictures):
        frames, pixels, _, features, filters = self.kernel.shape
        kernel = ops.transpose(self.kernel, (1, 2, 3, 0, 4))
        kernel = ops.reshape(kernel, (pixels, pixels, features, frames * filters))
        taps = convolve(pictures, kernel, self.strides, pixels // 2)
        return ops.reshape(taps, (-1, *taps.shape[1:3], frames, filters))

    def compute_output_shape(self, input_shape):
        sides = [-(-side // self.strides) for side in input_shape[2:4]]
        return (*input_shape[:2], *sides, self.filters)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        frames, pixels = self.kernel_size
        _, *shape = self.compute_output_shape((None, *input_shape))
        return math.prod(shape) * frames * pixels**2 * input_shape[-1]

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "strides": self.strides,
        }


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskedDepthwiseConv3D(_MaskedConvolution3D):
    """A convolution of each feature alone over frames and pixels; padding is zeros.

    The function of PyTorch's `Conv3d` with as many groups as features and zeros on
    every side, so that the output has the size of the input.

    Args:
        kernel_size: `(t, k)`: frames and pixels that a kernel covers, both odd.
        dilation: pixels between two places that the kernel reads.
        use_bias: whether a number is added to each feature.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.

    Raises:
        ValueError: if a number is no whole number from 1, or the kernel is even.
    """

    def __init__(self, kernel_size, dilation=1, use_bias=True, **kwargs):
        super().__init__(kernel_size, use_bias, **kwargs)
        self.dilation = whole_number("dilation", dilation)

    def build(self, input_shape):
        frames, pixels = self.kernel_size
        shape = (frames, pixels, pixels, input_shape[-1])
        self._add_weights(shape, math.prod(shape[:3]), input_shape[-1])

    def convolve(self, pictures):
        kernel = ops.transpose(self.kernel, (1, 2, 3, 0))  # the taps of each feature
        taps = convolve_each(pictures, kernel, self.dilation)
        _, height, width, features = pictures.shape
        shape = (-1, height, width, features, self.kernel_size[0])
        return ops.swapaxes(ops.reshape(taps, shape), -1, -2)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        frames, pixels = self.kernel_size
        return math.prod(input_shape) * frames * pixels**2

    def get_config(self):
        return {**super().get_config(), "dilation": self.dilation}


def _moved_and_added(taps, length):
    """`[B, T, H, W, t, D]`, tap j of a frame is for the frame j - t // 2 before it."""
    count = taps.shape[4]
    margin = count // 2
    if margin:
        taps = ops.pad(taps, [[0, 0], [margin, margin]] + [[0, 0]] * 4)
    return sum(taps[:, tap : tap + length, :, :, tap] for tap in range(count))


def convolution_of_frames(filters, kernel_size, strides=1, **kwargs):
    """The layer of a kernel `(t, k)`: where t is 1 frames are convolved one by one."""
    frames, pixels = kernel_size
    if frames == 1:
        return FrameConv2D(filters, pixels, strides, **kwargs)
    return MaskedConv3D(filters, kernel_size, strides, **kwargs)
