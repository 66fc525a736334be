import abc

import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import pooling
from dtf_keras.values import whole_number


class MaskedPooling(MaskAtRunTime, keras.layers.Layer, abc.ABC):
    """What poolings over time share, whose stride is the pool size; they keep the mask.

    An output step is real where all its frames are: a clip of n frames has
    `n // pool_size` real steps, as if it were pooled alone. An axis shorter than the
    pool gives one masked step instead of an empty tensor.
    """

    def __init__(self, pool_size, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = whole_number("pool_size", pool_size)
        self.supports_masking = True

    def compute_mask(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        if isinstance(inputs, keras.KerasTensor):
            shape = self.compute_output_shape(inputs.shape)
            return keras.KerasTensor(shape[:2], dtype="bool")
        return self.pool_mask(mask)

    def pool_mask(self, mask):
        """The mask of the output steps: bool `[B, T]` -> `[B, T']`."""
        windows = self.whole_windows(mask)
        batch, length = ops.shape(windows)
        steps = (batch, length // self.pool_size, self.pool_size)
        return ops.all(ops.reshape(windows, steps), axis=2)

    def compute_output_shape(self, input_shape):
        batch, length, *rest = input_shape
        if length is not None:
            length = max(length // self.pool_size, 1)
        return (batch, length, *rest)

    def time_geometry(self):
        return pooling(self.pool_size)

    def whole_windows(self, x):
        """The frames of whole windows, `[B, T, ...]` -> `[B, T' * pool_size, ...]`.

        Zeros stand in for the missing frames of an axis shorter than the pool.
        """
        pad = [[0, 0], [0, self.pool_size - 1]] + [[0, 0]] * (len(x.shape) - 2)
        length = ops.shape(x)[1]
        if isinstance(length, int):
            steps = max(length // self.pool_size, 1)
        else:
            steps = ops.maximum(length // self.pool_size, 1)
        return ops.pad(x, pad)[:, : steps * self.pool_size]
