import math

import keras
from keras import ops

from dtf_keras.layers.fusion.neighbourhood import highest
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import WHOLE_CLIP
from dtf_keras.values import real_number, whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class LocalTopKAttention(MaskAtRunTime, keras.layers.Layer):
    """Self-attention to the k most similar steps, as far as they are near in time.

    In each head a score survives only if it is among its row's `window` highest over
    the whole clip and |j-i| <= window//2 - 1. A row left with none attends evenly to
    all real steps of its clip. Dropout on the weights and on the output, residual,
    layer normalisation; no feed-forward part.

    Source: rows v1, v3 of dynamic_temporal_fusion, whose layer normalisation divides
    by the unbiased standard deviation plus epsilon: `unbiased_norm=True` does that.

    Args:
        num_heads: heads; must divide D.
        window: k.
        dropout: rate, from 0 to below 1.
        unbiased_norm: normalise as the source does.
        seed: seed of the dropout.

    Call arguments:
        inputs: `[B, T, D]`.
        mask: bool `[B, T]`, True = real step.

    Output: `[B, T, D]`, with the same mask.

    Raises:
        ValueError: if `num_heads` does not divide D, it or `window` is no whole number
            from 1, or `dropout` is out of its range.
    """

    def __init__(
        self,
        num_heads=8,
        window=8,
        dropout=0.1,
        unbiased_norm=False,
        seed=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_heads = whole_number("num_heads", num_heads)
        self.window = whole_number("window", window)
        self.dropout = real_number("dropout", dropout, at_least=0, below=1)
        self.unbiased_norm = bool(unbiased_norm)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape):
        units = input_shape[-1]
        if units % self.num_heads:
            raise ValueError(
                f"{self.num_heads} heads cannot share {units} features: choose a width "
                "whose feature count the number of heads divides."
            )
        for name in ("query", "key", "value", "output"):
            dense = keras.layers.Dense(units, dtype=self.dtype_policy, name=name)
            dense.build(input_shape)
            setattr(self, f"{name}_dense", dense)
        self.scale = self.add_weight(
            shape=(units,), initializer="ones", name="scale", autocast=False
        )
        self.shift = self.add_weight(
            shape=(units,), initializer="zeros", name="shift", autocast=False
        )
        self.built = True

    def call(self, inputs, training=None, mask=None):
        mask = mask_or_all(inputs, mask)
        query = self._heads(self.query_dense(inputs))  # (B, h, T, D/h)
        key = self._heads(self.key_dense(inputs))
        value = self._heads(self.value_dense(inputs))
        weights = self._weights(query, key, mask)  # (B, h, T, T), float32
        weights = self._drop(ops.cast(weights, self.compute_dtype), training)
        mixed = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        mixed = ops.reshape(mixed, ops.shape(inputs))
        mixed = self._drop(self.output_dense(mixed), training)
        return self._normalise(inputs + mixed)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def time_geometry(self):
        return WHOLE_CLIP  # the rank of a score counts all steps

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, D)`."""
        length, units = input_shape
        return 4 * length * units * units + 2 * length * length * units

    def _heads(self, x):
        # No reshape: tf2onnx takes a dense layer's output for the flat one inside it.
        return ops.stack(ops.split(x, self.num_heads, axis=-1), axis=1)

    def _weights(self, query, key, mask):
        query, key = ops.cast(query, "float32"), ops.cast(key, "float32")
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))
        scores = scores / math.sqrt(query.shape[-1])  # (B, h, T, T)
        real = ops.logical_and(mask[:, None, None, :], ops.ones_like(scores, "bool"))
        steps = ops.arange(ops.shape(scores)[-1], dtype="int32")
        near = ops.abs(steps[:, None] - steps[None, :]) <= self.window // 2 - 1
        chosen = highest(ops.stop_gradient(scores), real, self.window)
        chosen = ops.logical_and(chosen, near)
        scores = ops.where(chosen, scores, -1e9)
        alone = ops.logical_not(ops.any(chosen, axis=-1, keepdims=True))
        scores = ops.where(ops.logical_and(alone, real), 0.0, scores)
        return ops.softmax(scores, axis=-1)

    def _drop(self, x, training):
        if not training or not self.dropout:
            return x
        return keras.random.dropout(x, self.dropout, seed=self.seed_generator)

    def _normalise(self, x):
        x = ops.cast(x, "float32")
        mean, variance = ops.moments(x, axes=-1, keepdims=True)
        if self.unbiased_norm:
            # The gradient of a square root is infinite at 0, as in a constant row.
            units = x.shape[-1]
            variance = ops.maximum(variance * (units / (units - 1)), 1e-20)
            normed = (x - mean) / (ops.sqrt(variance) + 1e-6)
        else:
            normed = (x - mean) * ops.rsqrt(variance + 1e-6)
        return ops.cast(normed * self.scale + self.shift, self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "window": self.window,
            "dropout": self.dropout,
            "unbiased_norm": self.unbiased_norm,
            "seed": self.seed,
        }
