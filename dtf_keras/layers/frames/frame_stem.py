import keras

from dtf_keras.layers.frames.masked_conv3d import convolution_of_frames
from dtf_keras.layers.frames.residual_block import frame_norm
from dtf_keras.layers.frames.resnet import max_pool_frames, pooled_shape
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import same_convolution
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class FrameStem(MaskAtRunTime, keras.layers.Layer):
    """From pixels to the first features: a convolution of several frames, a pooling.

    conv of t frames and 7x7 pixels with a stride of 2 pixels, norm, ReLU, max pooling
    3x3 with stride 2. Statistics of the norm are those of real frames.

    References: Feichtenhofer et al., 2019 (arXiv 1812.03982).

    Args:
        filters: output features.
        frames: t, frames that the convolution covers, odd.

    Call arguments:
        inputs: `[B, T, H, W, 3]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, ceil(ceil(H / 2) / 2), ceil(ceil(W / 2) / 2), filters]`, with the
    same mask.

    Raises:
        ValueError: if a number is no whole number from 1, or `frames` is even.
    """

    def __init__(self, filters, frames=1, **kwargs):
        super().__init__(**kwargs)
        self.filters = whole_number("filters", filters)
        self.frames = whole_number("frames", frames)
        policy = {"dtype": self.dtype_policy}
        kernel = (self.frames, 7)
        self.conv = convolution_of_frames(filters, kernel, 2, name="conv", **policy)
        self.bn = frame_norm("bn", relu=True, **policy)
        self.supports_masking = True

    def build(self, input_shape):
        self.conv.build(input_shape)
        self.bn.build(self.conv.compute_output_shape(input_shape))
        self.built = True

    def call(self, inputs, training=None, mask=None):
        real = mask_or_all(inputs, mask)
        x = self.bn(self.conv(inputs, mask=real), training=training, mask=real)
        return max_pool_frames(x)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return pooled_shape(self.conv.compute_output_shape(input_shape))

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, 3)`."""
        return self.conv.count_macs(input_shape)

    def time_geometry(self):
        return same_convolution(self.frames)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "frames": self.frames,
        }
