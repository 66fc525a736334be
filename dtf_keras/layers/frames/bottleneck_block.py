import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.masked_conv3d import convolution_of_frames
from dtf_keras.layers.frames.residual_block import frame_norm
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import same_convolution
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class BottleneckBlock(MaskAtRunTime, keras.layers.Layer):
    """The bottleneck block of a ResNet whose first convolution may see several frames.

    conv of t frames, norm, ReLU, conv 3x3 (with the stride), norm, ReLU, conv 1x1,
    norm, plus the input, ReLU. Where the shape changes the input goes through a 1x1
    convolution and a norm. The scale of the last norm starts at 0: a new block passes
    its input on. Statistics of the norms are those of real frames.

    References: He et al., 2016 (arXiv 1512.03385); several frames: Feichtenhofer et
    al., 2019 (arXiv 1812.03982).

    Args:
        filters: output features.
        inner_filters: features between the convolutions.
        strides: pixels, of the second convolution.
        frames: t, frames that the first convolution covers, odd.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, ceil(H / strides), ceil(W / strides), filters]`, with the same mask.

    Raises:
        ValueError: if a number is no whole number from 1, or `frames` is even.
    """

    def __init__(self, filters, inner_filters, strides=1, frames=1, **kwargs):
        super().__init__(**kwargs)
        self.filters = whole_number("filters", filters)
        self.inner_filters = whole_number("inner_filters", inner_filters)
        self.strides = whole_number("strides", strides)
        self.frames = whole_number("frames", frames)
        policy = {"dtype": self.dtype_policy}
        inner = self.inner_filters
        self.conv1 = convolution_of_frames(inner, (frames, 1), name="conv1", **policy)
        self.conv2 = FrameConv2D(inner, 3, self.strides, name="conv2", **policy)
        self.conv3 = FrameConv2D(self.filters, 1, name="conv3", **policy)
        self.bn1 = frame_norm("bn1", relu=True, **policy)
        self.bn2 = frame_norm("bn2", relu=True, **policy)
        self.bn3 = frame_norm("bn3", gamma_initializer="zeros", **policy)
        self.downsample_conv = self.downsample_bn = None
        self.supports_masking = True

    def build(self, input_shape):
        policy = {"dtype": self.dtype_policy}
        shape = input_shape
        for conv, norm in (
            (self.conv1, self.bn1),
            (self.conv2, self.bn2),
            (self.conv3, self.bn3),
        ):
            conv.build(shape)
            shape = conv.compute_output_shape(shape)
            norm.build(shape)
        if self.strides > 1 or input_shape[-1] != self.filters:
            self.downsample_conv = FrameConv2D(
                self.filters, 1, self.strides, name="downsample_conv", **policy
            )
            self.downsample_conv.build(input_shape)
            self.downsample_bn = frame_norm("downsample_bn", **policy)
            self.downsample_bn.build(shape)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        mask = mask_or_all(inputs, mask)
        real = {"training": training, "mask": mask}
        x = self.bn1(self.conv1(inputs, mask=mask), **real)
        x = self.bn2(self.conv2(x), **real)
        x = self.bn3(self.conv3(x), **real)
        own = inputs
        if self.downsample_conv is not None:
            own = self.downsample_bn(self.downsample_conv(inputs), **real)
        return ops.relu(x + own)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        sides = [-(-side // self.strides) for side in input_shape[2:4]]
        return (*input_shape[:2], *sides, self.filters)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        total, shape = 0, (None, *input_shape)
        for conv in (self.conv1, self.conv2, self.conv3):
            total += conv.count_macs(shape[1:])
            shape = conv.compute_output_shape(shape)
        if self.downsample_conv is not None:
            total += self.downsample_conv.count_macs(input_shape)
        return total

    def time_geometry(self):
        return same_convolution(self.frames)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "inner_filters": self.inner_filters,
            "strides": self.strides,
            "frames": self.frames,
        }
