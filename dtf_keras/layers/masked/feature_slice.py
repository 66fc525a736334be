import keras

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import STEP_BY_STEP
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class FeatureSlice(MaskAtRunTime, keras.layers.Layer):
    """Some features of each step, those from one on up to another.

    Args:
        start: the first of them.
        stop: the one before which they end; `None` for no end.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, stop - start]`, with the same mask.

    Raises:
        ValueError: if `start` is no whole number from 0 or `stop` none above it.
    """

    def __init__(self, start=0, stop=None, **kwargs):
        super().__init__(**kwargs)
        self.start = whole_number("start", start, at_least=0)
        self.stop = stop
        if stop is not None:
            self.stop = whole_number("stop", stop, at_least=self.start + 1)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs):
        return inputs[..., self.start : self.stop]

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        *others, features = input_shape
        return (*others, len(range(features)[self.start : self.stop]))

    def time_geometry(self):
        return STEP_BY_STEP

    def get_config(self):
        return {**super().get_config(), "start": self.start, "stop": self.stop}
