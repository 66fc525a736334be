import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import STEP_BY_STEP
from dtf_keras.values import whole_number

_LEAST_SQUARE = 1e-24  # of a class' weights: their norm is at least 1e-12


@keras.saving.register_keras_serializable(package="dtf_keras")
class NormScaledDense(MaskAtRunTime, keras.layers.Layer):
    """A dense layer whose classes have weights of norm 1, without a bias.

    `y[v] = x . w[v] / max(|w[v]|, 1e-12)`: a class cannot win by large weights. Always
    float32, as logits are, unless told otherwise.

    References: Hao et al., Self-Mutual Distillation Learning, ICCV 2021.

    Args:
        units: V.

    Call arguments:
        inputs: `[B, T, D]`.

    Output: `[B, T, V]`, with the same mask.

    Raises:
        ValueError: if `units` is no whole number from 1.
    """

    def __init__(self, units, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.units = whole_number("units", units)
        self.supports_masking = True

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units),
            initializer=keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform"),
            name="kernel",
            autocast=False,
        )
        self.built = True

    def call(self, inputs):
        squares = ops.sum(ops.square(self.kernel), axis=0)  # (V,)
        kernel = self.kernel * ops.rsqrt(ops.maximum(squares, _LEAST_SQUARE))
        return ops.matmul(inputs, ops.cast(kernel, self.compute_dtype))

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, features = input_shape
        return length * features * self.units

    def time_geometry(self):
        return STEP_BY_STEP

    def get_config(self):
        return {**super().get_config(), "units": self.units}
