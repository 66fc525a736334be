import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.masked_conv3d import MaskedDepthwiseConv3D
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import same_convolution
from dtf_keras.values import whole_number

_FRAMES = 9
_DILATIONS = (1, 2, 3)


@keras.saving.register_keras_serializable(package="dtf_keras")
class Identification(MaskAtRunTime, keras.layers.Layer):
    """CorrNet's identification: how much each place and feature of a frame counts.

    To D // `reduction` features; convolutions over 9 frames and 3x3 pixels, dilated by
    1, 2 and 3 pixels, of each of these alone; their weighted sum; back to D features;
    a sigmoid, less 1/2. Convolutions over frames read padding as zeros.

    References: Hu et al., CorrNet, CVPR 2023 (arXiv 2303.03202); the convolutions are
    those of its code.

    Args:
        reduction: the features are that many times fewer between.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, -1/2..1/2, with the same mask.

    Raises:
        ValueError: if `reduction` is no whole number from 1.
    """

    def __init__(self, reduction=16, **kwargs):
        super().__init__(**kwargs)
        self.reduction = whole_number("reduction", reduction)
        self.supports_masking = True

    def build(self, input_shape):
        *sides, channels = input_shape
        policy = {"dtype": self.dtype_policy}
        fewer = max(1, channels // self.reduction)
        self.down = FrameConv2D(fewer, 1, name="down", **policy)
        self.scales = [
            MaskedDepthwiseConv3D((_FRAMES, 3), rate, name=f"scale{rate}", **policy)
            for rate in _DILATIONS
        ]
        self.back = FrameConv2D(channels, 1, name="back", **policy)
        self.down.build(input_shape)
        for scale in self.scales:
            scale.build((*sides, fewer))
        self.back.build((*sides, fewer))
        self.shares = self.add_weight(
            shape=(len(_DILATIONS),),
            initializer=keras.initializers.Constant(1 / len(_DILATIONS)),
            name="shares",
        )
        self.built = True

    def call(self, inputs, mask=None):
        x = self.down(inputs)
        scales = enumerate(self.scales)
        x = sum(self.shares[n] * scale(x, mask=mask) for n, scale in scales)
        return ops.tanh(self.back(x) / 2) / 2  # a sigmoid less 1/2

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        fewer = (*input_shape[:3], self.down.filters)
        total = self.down.count_macs(input_shape) + self.back.count_macs(fewer)
        return total + sum(scale.count_macs(fewer) for scale in self.scales)

    def time_geometry(self):
        return same_convolution(_FRAMES)

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}
