import keras
import numpy as np

from dtf_keras.layers.masked.batch_norm import MaskedBatchNormalization
from dtf_keras.layers.masked.masked_conv1d import MaskedConv1D
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry
from dtf_keras.values import real_number, whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class CausalTCNBlock(MaskAtRunTime, keras.layers.Layer):
    """Residual block of two causal convolutions over time.

    Twice [causal Conv1D, batch norm, ReLU, dropout], plus the input (through a 1x1
    convolution if the channel count changes), then ReLU.

    References: Bai et al., 2018 (arXiv 1803.01271); rows v7, v8 of the source, where
    dropout stands before the ReLU: the same function at inference.

    Args:
        filters: output features.
        kernel_size: frames a kernel covers.
        dilation: frames between its taps.
        dropout: rate, from 0 to below 1.
        seed: seed of the dropout; the two draw different numbers from it. `None` takes
            them from Keras' global generator.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, filters]`, with the same mask.

    Raises:
        ValueError: if `dropout` is out of its range, or another option is no whole
            number from 1.
    """

    def __init__(
        self, filters, kernel_size=3, dilation=1, dropout=0.2, seed=None, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters = whole_number("filters", filters)
        self.kernel_size = whole_number("kernel_size", kernel_size)
        self.dilation = whole_number("dilation", dilation)
        self.dropout = real_number("dropout", dropout, at_least=0, below=1)
        self.seed = seed
        self.supports_masking = True

    def build(self, input_shape):
        policy = {"dtype": self.dtype_policy}
        self.convolutions, self.norms, self.drops = [], [], []
        shape = input_shape
        for number, seed in enumerate(_two_seeds(self.seed), 1):
            convolution = MaskedConv1D(
                self.filters,
                self.kernel_size,
                padding="causal",
                dilation_rate=self.dilation,
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0, "fan_out", "untruncated_normal"
                ),
                name=f"conv{number}",
                **policy,
            )
            norm = MaskedBatchNormalization(
                momentum=0.9, epsilon=1e-5, name=f"bn{number}", **policy
            )
            drop = keras.layers.Dropout(
                self.dropout, seed=seed, name=f"dropout{number}", **policy
            )
            convolution.build(shape)
            shape = (*input_shape[:-1], self.filters)
            norm.build(shape)
            drop.build(shape)
            self.convolutions.append(convolution)
            self.norms.append(norm)
            self.drops.append(drop)
        self.shortcut = None
        if input_shape[-1] != self.filters:
            self.shortcut = keras.layers.Dense(self.filters, name="shortcut", **policy)
            self.shortcut.build(input_shape)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        x = inputs
        for convolution, norm, drop in zip(
            self.convolutions, self.norms, self.drops, strict=True
        ):
            x = convolution(x, mask=mask)
            x = norm(x, training=training, mask=mask)
            x = drop(keras.ops.relu(x), training=training)
        own = inputs if self.shortcut is None else self.shortcut(inputs)
        return keras.ops.relu(x + own)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def time_geometry(self):
        return TimeGeometry(before=2 * (self.kernel_size - 1) * self.dilation)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, units = input_shape
        kernel = self.kernel_size * (units + self.filters)
        if units != self.filters:
            kernel += units
        return length * kernel * self.filters

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "dilation": self.dilation,
            "dropout": self.dropout,
            "seed": self.seed,
        }


def _two_seeds(seed):
    if seed is None:
        return None, None
    return np.random.default_rng(seed).integers(2**31, size=2).tolist()
