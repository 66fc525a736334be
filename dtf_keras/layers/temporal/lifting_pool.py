import dataclasses

import keras
from keras import ops

from dtf_keras import replicas
from dtf_keras.layers.masked.instance_norm import MaskedInstanceNormalization
from dtf_keras.layers.masked.masked_conv1d import MaskedConv1D
from dtf_keras.layers.masked.masked_pooling import MaskedPooling
from dtf_keras.layers.masked.masking import (
    MaskAtRunTime,
    longest_clip_mask,
    mask_or_all,
    zero_padding,
)
from dtf_keras.layers.time_geometry import WHOLE_CLIP, pooling
from dtf_keras.values import real_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class LiftingPool(MaskedPooling):
    """Halves the steps of a clip by a learnt lifting scheme.

    Of each pair of steps the second is predicted from the first steps around it; what
    is left of it updates the first. Both are weighted by `LocalWeighting`, and added:

        d = second - predictor(first),  s = first + updater(d),
        output = weight1(s) + weight2(d)

    While training it adds `weight * (||s - second|| + ||d||)`, norms over the real
    steps of all clips. A clip of n steps gives n // 2; the last odd one is left out.

    References: Hu et al., Temporal Lift Pooling, ECCV 2022 (arXiv 2207.08734).

    Args:
        weight: factor on the losses, from 0; with 0 there are none.
        source_padding: whether padding is read as in the source, which takes each clip
            for as long as the longest one of its batch.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real step.

    Output: `[B, max(T // 2, 1), D]`, with its mask.

    Raises:
        ValueError: if `weight` is below 0.
    """

    def __init__(self, weight=0.0, source_padding=False, **kwargs):
        super().__init__(2, **kwargs)
        self.weight = real_number("weight", weight, at_least=0)
        self.source_padding = bool(source_padding)

    def build(self, input_shape):
        shape = self.compute_output_shape(input_shape)
        policy = {"dtype": self.dtype_policy}
        self.predictor = _convolutions("predictor", shape, policy)
        self.updater = _convolutions("updater", shape, policy)
        self.weight1 = LocalWeighting(name="weight1", **policy)
        self.weight2 = LocalWeighting(name="weight2", **policy)
        for layer in (self.weight1, self.weight2):
            layer.build(shape)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        pooled, update_loss, prediction_loss = self.lift(inputs, mask)
        if training and self.weight:
            self.add_loss(self.weight * (update_loss + prediction_loss))
        return pooled

    def lift(self, inputs, mask=None):
        """The pooled steps, and the losses of the updater and of the predictor.

        Args:
            inputs: `[B, T, D]`.
            mask: bool `[B, T]`, True = real step.

        Returns:
            `[B, T', D]`, and two scalars, not weighted.
        """
        mask = mask_or_all(inputs, mask)
        if self.source_padding:
            mask = longest_clip_mask(mask)
        mask = self.pool_mask(mask)
        x = self.whole_windows(inputs)
        batch, length = ops.shape(mask)
        x = ops.reshape(x, (batch, length, 2, inputs.shape[-1]))
        first, second = x[:, :, 0], x[:, :, 1]
        detail = second - _applied(self.predictor, first, mask)
        smooth = first + _applied(self.updater, detail, mask)
        pooled = self.weight1(smooth, mask=mask) + self.weight2(detail, mask=mask)
        return pooled, _norm(smooth - second, mask), _norm(detail, mask)

    def time_geometry(self):
        return dataclasses.replace(pooling(2), before=None, after=None)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, units = self.compute_output_shape((None, *input_shape))[1:]
        return 2 * length * units * (3 + units + 5 * units)

    def get_config(self):
        return {
            **super().get_config(),
            "weight": self.weight,
            "source_padding": self.source_padding,
        }


@keras.saving.register_keras_serializable(package="dtf_keras")
class LocalWeighting(MaskAtRunTime, keras.layers.Layer):
    """Weighs each feature of each step by the steps around it.

    `x + x * (sigmoid(norm(conv(x))) - 0.5)`: a convolution of 5 steps, and a
    normalisation over the real steps of each clip. The kernel begins at 0.

    References: Hu et al., Temporal Lift Pooling, ECCV 2022 (arXiv 2207.08734).

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real step.

    Output: `[B, T, D]`, with the same mask.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        policy, units = {"dtype": self.dtype_policy}, input_shape[-1]
        self.conv = MaskedConv1D(
            units,
            5,
            kernel_initializer="zeros",
            bias_initializer=_uniform(5 * units),
            name="conv",
            **policy,
        )
        self.norm = MaskedInstanceNormalization(name="norm", **policy)
        for layer in (self.conv, self.norm):
            layer.build(input_shape)
        self.built = True

    def call(self, inputs, mask=None):
        gate = ops.sigmoid(self.norm(self.conv(inputs, mask=mask), mask=mask))
        return inputs + inputs * (gate - 0.5)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def time_geometry(self):
        return WHOLE_CLIP


def _convolutions(name, shape, policy):
    """A convolution of 3 steps of each feature alone, then one of all features."""
    units = shape[-1]
    built = [
        keras.layers.DepthwiseConv1D(
            3,
            padding="same",
            activation="relu",
            depthwise_initializer=_uniform(3),
            bias_initializer=_uniform(3),
            data_format="channels_last",
            name=f"{name}_conv",
            **policy,
        ),
        keras.layers.Dense(
            units,
            activation="tanh",
            kernel_initializer="zeros",
            bias_initializer=_uniform(units),
            name=f"{name}_dense",
            **policy,
        ),
    ]
    for layer in built:
        layer.build(shape)
    return built


def _applied(convolutions, x, mask):
    x = zero_padding(x, mask)
    for layer in convolutions:
        x = layer(x)
    return x


def _norm(x, mask):
    """The Euclidean norm of all real steps together, whose gradient at 0 is 0."""
    x = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
    square = replicas.total(ops.sum(ops.square(zero_padding(x, mask))))
    some = square > 0
    return ops.where(some, ops.sqrt(ops.where(some, square, 1.0)), 0.0)


def _uniform(fan_in):
    """PyTorch's initial weights, and biases, of a layer with so many inputs."""
    return keras.initializers.RandomUniform(-(fan_in**-0.5), fan_in**-0.5)
