import keras
import numpy as np
from keras import ops

from dtf_keras.layers.masked.masking import (
    MaskAtRunTime,
    gather_frames,
    mask_or_all,
    mask_to_lengths,
    zero_padding,
)
from dtf_keras.layers.time_geometry import WHOLE_CLIP
from dtf_keras.values import real_number, whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class BiLSTM(MaskAtRunTime, keras.layers.Layer):
    """Bidirectional LSTMs, one upon the other, each clip on its own steps.

    The backward direction begins at each clip's last real step. Steps are turned round
    within each clip, so that both directions are plain LSTMs without a mask: the
    padding comes last in both, and fast kernels that take no mask can do them. Outputs
    on padding are exactly 0.

    The function of PyTorch's `LSTM(bidirectional=True)` on packed sequences.

    Args:
        units: of each direction.
        num_layers: how many lie upon each other.
        dropout: rate between the layers, from 0 to below 1.
        seed: seed of the dropout; `None` takes one from Keras' global generator.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real step.

    Output: `[B, T, 2 units]`, forward before backward, with the same mask.

    Raises:
        ValueError: if a count is no whole number from 1, or `dropout` out of its range.
    """

    def __init__(self, units, num_layers=2, dropout=0.3, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.units = whole_number("units", units)
        self.num_layers = whole_number("num_layers", num_layers)
        self.dropout = real_number("dropout", dropout, at_least=0, below=1)
        self.seed = seed
        self.supports_masking = True

    def build(self, input_shape):
        self.forwards = [self._lstm("forward", n) for n in range(self.num_layers)]
        self.backwards = [self._lstm("backward", n) for n in range(self.num_layers)]
        self.drops = [
            keras.layers.Dropout(self.dropout, seed=seed, dtype=self.dtype_policy)
            for seed in _seeds(self.seed, self.num_layers - 1)
        ]
        shape = input_shape
        for forward, backward in zip(self.forwards, self.backwards, strict=True):
            forward.build(shape)
            backward.build(shape)
            shape = self.compute_output_shape(input_shape)
        for drop in self.drops:
            drop.build(shape)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        mask = mask_or_all(inputs, mask)
        turned = _turned_steps(mask)
        x = zero_padding(inputs, mask)  # without Keras' mask, which an LSTM would read
        for index, (forward, backward) in enumerate(
            zip(self.forwards, self.backwards, strict=True)
        ):
            if index:
                x = self.drops[index - 1](x, training=training)
            back = gather_frames(backward(gather_frames(x, turned)), turned)
            x = ops.concatenate([forward(x), back], axis=-1)
        return zero_padding(x, mask)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 2 * self.units)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, features = input_shape
        total = 0
        for _ in range(self.num_layers):
            total += 2 * length * 4 * self.units * (features + self.units)
            features = 2 * self.units
        return total

    def time_geometry(self):
        return WHOLE_CLIP

    def _lstm(self, direction, layer):
        near_zero = keras.initializers.RandomUniform(
            -(self.units**-0.5), self.units**-0.5
        )
        return keras.layers.LSTM(
            self.units,
            return_sequences=True,
            kernel_initializer=near_zero,
            recurrent_initializer=near_zero.clone(),
            unit_forget_bias=False,
            use_cudnn=self._can_use_cudnn(),
            dtype=self.dtype_policy,
            name=f"{direction}_l{layer}",
        )

    def _can_use_cudnn(self):
        """ "auto", but for bfloat16 on JAX, whose cuDNN kernels refuse it."""
        half = self.compute_dtype == "bfloat16"
        return False if half and keras.backend.backend() == "jax" else "auto"

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "num_layers": self.num_layers,
            "dropout": self.dropout,
            "seed": self.seed,
        }


def _turned_steps(mask):
    """The steps of each clip in reverse, its padding where it was: int32 `[B, T]`."""
    steps = ops.arange(ops.shape(mask)[1], dtype="int32")[None, :]
    counts = mask_to_lengths(mask)[:, None]
    return ops.where(steps < counts, counts - 1 - steps, steps)


def _seeds(seed, count):
    if seed is None:
        return [None] * count
    return np.random.default_rng(seed).integers(2**31, size=count).tolist()
