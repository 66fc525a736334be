import keras

from dtf_keras.layers.frames.residual_block import serialise_part
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import geometry_of


@keras.saving.register_keras_serializable(package="dtf_keras")
class ScaledAddition(MaskAtRunTime, keras.layers.Layer):
    """A layer's output times a trained number, added to the layer's input.

    `x + alpha * inner(x)`. With alpha = 0 a network starts as the one without `inner`.

    Args:
        inner: the layer. It keeps the shape of its input and is called with a `mask`.
        start: alpha before training.

    Call arguments:
        inputs: `[B, T, D]`; D stands for any number of axes.
        mask: bool `[B, T]`, True = real frame.

    Output: as the inputs, with the same mask.
    """

    def __init__(self, inner, start=0.0, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner
        self.start = float(start)
        self.supports_masking = True

    def build(self, input_shape):
        self.inner.build(input_shape)
        self.alpha = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(self.start), name="alpha"
        )
        self.built = True

    def call(self, inputs, mask=None):
        return inputs + self.alpha * self.inner(inputs, mask=mask)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        return self.inner.count_macs(input_shape)

    def time_geometry(self):
        return geometry_of(self.inner)

    def get_config(self):
        return {
            **super().get_config(),
            "inner": serialise_part(self.inner),
            "start": self.start,
        }

    @classmethod
    def from_config(cls, config):
        inner = keras.saving.deserialize_keras_object(config["inner"])
        return super().from_config({**config, "inner": inner})
