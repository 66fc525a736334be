import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.masked.batch_norm import MaskedBatchNormalization
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import STEP_BY_STEP, geometry_of
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class ResidualBlock(MaskAtRunTime, keras.layers.Layer):
    """The basic block of a ResNet, applied to each frame.

    conv 3x3 (with the stride), norm, ReLU, conv 3x3, norm, plus the input, ReLU. Where
    the shape changes the input goes through a 1x1 convolution and a norm. Statistics of
    the norms are those of real frames.

    References: He et al., 2016 (arXiv 1512.03385), as torchvision builds it.

    Args:
        filters: output features.
        strides: of the first convolution.
        inner: a layer put after the first ReLU, or `None`. It keeps the shape
            `[B, T, H', W', filters]`, is called with a `mask`, and may look at other
            frames.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, ceil(H / strides), ceil(W / strides), filters]`, with the same mask.

    Raises:
        ValueError: if `filters` or `strides` is no whole number from 1.
    """

    def __init__(self, filters, strides=1, inner=None, **kwargs):
        super().__init__(**kwargs)
        self.filters = whole_number("filters", filters)
        self.strides = whole_number("strides", strides)
        self.inner = inner
        self.supports_masking = True

    def build(self, input_shape):
        policy = {"dtype": self.dtype_policy}
        shape = self.compute_output_shape(input_shape)
        self.conv1 = FrameConv2D(self.filters, 3, self.strides, name="conv1", **policy)
        self.conv2 = FrameConv2D(self.filters, 3, name="conv2", **policy)
        self.conv1.build(input_shape)
        self.conv2.build(shape)
        self.bn1 = self._norm("bn1", shape, relu=True)
        self.bn2 = self._norm("bn2", shape)
        if self.inner is not None:
            self.inner.build(shape)
        self.downsample_conv = self.downsample_bn = None
        if self.strides > 1 or input_shape[-1] != self.filters:
            self.downsample_conv = FrameConv2D(
                self.filters, 1, self.strides, name="downsample_conv", **policy
            )
            self.downsample_conv.build(input_shape)
            self.downsample_bn = self._norm("downsample_bn", shape)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        real = {"training": training, "mask": mask_or_all(inputs, mask)}
        x = self.bn1(self.conv1(inputs), **real)
        if self.inner is not None:
            x = self.inner(x, mask=real["mask"])
        x = self.bn2(self.conv2(x), **real)
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
        shape = self.compute_output_shape((None, *input_shape))[1:]
        total = self.conv1.count_macs(input_shape) + self.conv2.count_macs(shape)
        if self.downsample_conv is not None:
            total += self.downsample_conv.count_macs(input_shape)
        if self.inner is not None:
            total += self.inner.count_macs(shape)
        return total

    def time_geometry(self):
        return STEP_BY_STEP if self.inner is None else geometry_of(self.inner)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "strides": self.strides,
            "inner": serialise_part(self.inner),
        }

    @classmethod
    def from_config(cls, config):
        inner = keras.saving.deserialize_keras_object(config["inner"])
        return super().from_config({**config, "inner": inner})

    def _norm(self, name, shape, **options):
        norm = frame_norm(name, self.dtype_policy, **options)
        norm.build(shape)
        return norm


def frame_norm(name, dtype, **kwargs):
    """The batch norm of torchvision's networks, over real frames."""
    return MaskedBatchNormalization(
        momentum=0.9, epsilon=1e-5, dtype=dtype, name=name, **kwargs
    )


def serialise_part(layer):
    """A layer's config for that of the layer it was put into, which builds it."""
    if layer is None:
        return None
    said = keras.saving.serialize_keras_object(layer)
    return {key: value for key, value in said.items() if key != "build_config"}
