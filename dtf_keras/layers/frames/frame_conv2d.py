import keras
from keras import ops

from dtf_keras.layers.frames.pictures import PictureConv2D
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import STEP_BY_STEP


@keras.saving.register_keras_serializable(package="dtf_keras")
class FrameConv2D(MaskAtRunTime, PictureConv2D):
    """`keras.layers.Conv2D` of each frame, with as many zeros on all four sides.

    Pads k // 2 pixels on each side, as PyTorch's convolutions do. No bias: a
    normalisation follows.

    Args:
        filters: output features.
        kernel_size: k, odd.
        strides: pixels between two places of the kernel.

    Call arguments:
        inputs: `[B, T, H, W, D]`.

    Output: `[B, T, ceil(H / strides), ceil(W / strides), filters]`, with the same mask.

    Raises:
        ValueError: if the kernel is even or not square.
    """

    def __init__(self, filters, kernel_size, strides=1, **kwargs):
        kwargs.setdefault("use_bias", False)
        kwargs.setdefault(
            "kernel_initializer",
            keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal"),
        )
        kwargs |= {"data_format": "channels_last", "padding": "same"}
        super().__init__(filters, kernel_size, strides, **kwargs)

    def call(self, inputs, mask=None):
        batch, length = ops.shape(inputs)[:2]
        x = super().call(ops.reshape(inputs, (-1, *inputs.shape[2:])))
        return ops.reshape(x, (batch, length, *x.shape[1:]))

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        sides = [
            -(-side // stride)
            for side, stride in zip(input_shape[2:4], self.strides, strict=True)
        ]
        return (*input_shape[:2], *sides, self.filters)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        _, length, height, width, filters = self.compute_output_shape(
            (None, *input_shape)
        )
        places = length * height * width
        return places * self.kernel_size[0] ** 2 * input_shape[-1] * filters

    def time_geometry(self):
        return STEP_BY_STEP
