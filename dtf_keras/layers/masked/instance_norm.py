import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.time_geometry import WHOLE_CLIP
from dtf_keras.values import real_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskedInstanceNormalization(MaskAtRunTime, keras.layers.Layer):
    """Normalises each feature of each clip over the clip's real frames.

    Less its mean, divided by its deviation over time, then scaled and shifted, in
    training and otherwise. A clip of one frame becomes the shift alone.

    The function of PyTorch's `InstanceNorm1d(affine=True)` on a clip without padding.

    References: Ulyanov et al., 2016 (arXiv 1607.08022).

    Args:
        epsilon: added to the variance.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, with the same mask.

    Raises:
        ValueError: if `epsilon` is not above 0.
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = real_number("epsilon", epsilon, above=0)
        self.supports_masking = True

    def build(self, input_shape):
        self.gamma, self.beta = (
            self.add_weight(
                shape=input_shape[-1:], initializer=start, autocast=False, name=name
            )
            for name, start in (("gamma", "ones"), ("beta", "zeros"))
        )
        self.built = True

    def call(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        count = ops.sum(ops.cast(mask, x.dtype), axis=1)[:, None, None]
        count = ops.maximum(count, 1)
        x = x - x[:, :1]  # a constant gives 0, not rounding over a tiny deviation
        x = x - ops.sum(zero_padding(x, mask), axis=1, keepdims=True) / count
        squares = zero_padding(ops.square(x), mask)
        variance = ops.sum(squares, axis=1, keepdims=True) / count
        x = x * ops.rsqrt(variance + self.epsilon) * self.gamma + self.beta
        return ops.cast(x, self.compute_dtype)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def time_geometry(self):
        return WHOLE_CLIP

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
