import keras
from keras import ops

from dtf_keras.layers.masked.masked_pooling import MaskedPooling


@keras.saving.register_keras_serializable(package="dtf_keras")
class MaskedMaxPooling1D(MaskedPooling):
    """Max pooling over time, stride = pool size, that keeps the mask.

    An output step is real where all its frames are: a clip of n frames has
    `n // pool_size` real steps, as if it were pooled alone. An axis shorter than the
    pool gives one masked step instead of an empty tensor.

    Args:
        pool_size: frames pooled into one step.

    Call arguments:
        inputs: `[B, T, D]`.

    Output: `[B, max(T // pool_size, 1), D]`, with its mask.

    Raises:
        ValueError: if `pool_size` is no whole number from 1.
    """

    def __init__(self, pool_size=2, **kwargs):
        super().__init__(pool_size, **kwargs)

    def build(self, input_shape):
        self.built = True

    def call(self, inputs):
        # Not a maximum over reshaped windows: its gradient looks for the value equal to
        # the maximum, and XLA may compute that value twice with different rounding.
        size = self.pool_size
        windows = self.whole_windows(inputs)
        return ops.max_pool(windows, size, size, data_format="channels_last")

    def get_config(self):
        return {**super().get_config(), "pool_size": self.pool_size}
