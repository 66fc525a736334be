"""Emphasis on frames, and on places in them, by what lies around them in time.

References: Hu et al., Self-Emphasizing Network, AAAI 2023 (arXiv 2211.17081).
"""

import abc
import math

import keras
from keras import ops

from dtf_keras.layers.frames.masked_conv3d import MaskedDepthwiseConv3D
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.time_geometry import TimeGeometry, same_convolution
from dtf_keras.values import whole_number

_REDUCTION = 16


class _Emphasis(MaskAtRunTime, keras.layers.Layer, abc.ABC):
    """What is added to frames: `alpha * x * (sigmoid(back(z)) - 0.5)`.

    `z` is a mixture of convolutions of `transform(x)`, which has a sixteenth of the
    features and is zero on padding; they differ in their dilation, from 1 on.
    """

    first_alpha: float
    """What `alpha` begins at."""

    def __init__(self, num_dilations, **kwargs):
        super().__init__(**kwargs)
        self.num_dilations = whole_number("num_dilations", num_dilations)
        self.supports_masking = True

    @abc.abstractmethod
    def convolution(self, dilation):
        """The layer that convolves each feature alone with that dilation."""

    def read(self, inputs):
        """What the emphasis depends on, of `[B, T, H, W, D]`."""
        return inputs

    def build(self, input_shape):
        policy, units = {"dtype": self.dtype_policy}, input_shape[-1]
        shape = self._shape_read(input_shape)
        few = (*shape[:-1], max(units // _REDUCTION, 1))
        self.transform = keras.layers.Dense(few[-1], name="transform", **policy)
        self.transform.build(shape)
        self.enhance = [self.convolution(n + 1) for n in range(self.num_dilations)]
        for layer in self.enhance:
            layer.build(few)
        self.back = keras.layers.Dense(units, name="back", **policy)
        self.back.build(few)
        self.mix = self.add_weight(
            shape=(self.num_dilations,),
            initializer=keras.initializers.Constant(1 / self.num_dilations),
            name="mix",
        )
        self.alpha = self.add_weight(
            shape=(1,),
            initializer=keras.initializers.Constant(self.first_alpha),
            name="alpha",
        )
        self.built = True

    def call(self, inputs, mask=None):
        return inputs * self.gate(inputs, mask)

    def gate(self, inputs, mask=None):
        """What the inputs are multiplied by, with a size of 1 where it is the same."""
        x = zero_padding(self.transform(self.read(inputs)), mask)
        x = sum(self.mix[n] * layer(x) for n, layer in enumerate(self.enhance))
        return self.alpha * (ops.sigmoid(self.back(x)) - 0.5)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        *places, units = self._shape_read((None, *input_shape))[1:]
        few = max(units // _REDUCTION, 1)
        kernels = sum(math.prod(layer.kernel.shape) for layer in self.enhance)
        return math.prod(places) * (2 * units * few + kernels)

    def _shape_read(self, input_shape):
        return self.read(keras.KerasTensor(input_shape)).shape

    def get_config(self):
        return {**super().get_config(), "num_dilations": self.num_dilations}


@keras.saving.register_keras_serializable(package="dtf_keras")
class TemporalEmphasis(_Emphasis):
    """What is added to frames to emphasise some of them, by features around in time.

    `alpha * x * (sigmoid(back(z)) - 0.5)`; `z` is a mixture of convolutions of 3 frames
    of the mean over each picture, dilated by 1, 2 and so on. `alpha` begins at 0.

    References: Hu et al., Self-Emphasizing Network, AAAI 2023 (arXiv 2211.17081), as
    its code has it.

    Args:
        num_dilations: how many convolutions there are.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.

    Raises:
        ValueError: if `num_dilations` is no whole number from 1.
    """

    first_alpha = 0.0

    def __init__(self, num_dilations=5, **kwargs):
        super().__init__(num_dilations, **kwargs)

    def convolution(self, dilation):
        third = keras.initializers.RandomUniform(-(3**-0.5), 3**-0.5)
        return keras.layers.DepthwiseConv1D(
            3,
            padding="same",
            dilation_rate=dilation,
            depthwise_initializer=third,
            data_format="channels_last",
            name=f"enhance{dilation}",
            dtype=self.dtype_policy,
        )

    def read(self, inputs):
        return ops.mean(inputs, axis=(2, 3))

    def gate(self, inputs, mask=None):
        return super().gate(inputs, mask)[:, :, None, None]

    def time_geometry(self):
        return same_convolution(3, self.num_dilations)


@keras.saving.register_keras_serializable(package="dtf_keras")
class SpatialEmphasis(_Emphasis):
    """What is added to frames to emphasise places, by those around, in time too.

    `alpha * x * (sigmoid(back(z)) - 0.5)`; `z` is a mixture of convolutions of 9 frames
    and 3 x 3 pixels, dilated by 1, 2 and so on pixels. `alpha` begins at 1.

    References: Hu et al., Self-Emphasizing Network, AAAI 2023 (arXiv 2211.17081), as
    its code has it.

    Args:
        num_dilations: how many convolutions there are.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.

    Raises:
        ValueError: if `num_dilations` is no whole number from 1.
    """

    first_alpha = 1.0

    def __init__(self, num_dilations=3, **kwargs):
        super().__init__(num_dilations, **kwargs)

    def convolution(self, dilation):
        return MaskedDepthwiseConv3D(
            (9, 3), dilation, name=f"enhance{dilation}", dtype=self.dtype_policy
        )

    def time_geometry(self):
        return same_convolution(9)


@keras.saving.register_keras_serializable(package="dtf_keras")
class SelfEmphasis(MaskAtRunTime, keras.layers.Layer):
    """Emphasises places in frames, and frames.

    `x + SpatialEmphasis(x) + TemporalEmphasis(x)`, to be put into the blocks of a
    ResNet.

    References: Hu et al., Self-Emphasizing Network, AAAI 2023 (arXiv 2211.17081).

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.spatial = SpatialEmphasis(name="spatial", dtype=self.dtype_policy)
        self.temporal = TemporalEmphasis(name="temporal", dtype=self.dtype_policy)
        self.supports_masking = True

    def build(self, input_shape):
        self.spatial.build(input_shape)
        self.temporal.build(input_shape)
        self.built = True

    def call(self, inputs, mask=None):
        parts = (self.spatial, self.temporal)
        return inputs * (1 + sum(part.gate(inputs, mask) for part in parts))

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        parts = (self.spatial, self.temporal)
        return sum(part.count_macs(input_shape) for part in parts)

    def time_geometry(self):
        parts = (self.spatial.time_geometry(), self.temporal.time_geometry())
        return TimeGeometry(
            before=max(part.before for part in parts),
            after=max(part.after for part in parts),
        )
