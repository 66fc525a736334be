import math

import keras
from keras import ops

from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import STEP_BY_STEP


@keras.saving.register_keras_serializable(package="dtf_keras")
class AttentionPool(MaskAtRunTime, keras.layers.Layer):
    """The features of each frame, from its places by attention of one learnt query.

    Query, keys and values go through a dense layer each, and so does what comes out;
    similarities are divided by the square root of D, and float32.

    References: Hu et al., CorrNet+, 2024 (arXiv 2404.11111), as its code has it.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, with the same mask.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        features = input_shape[-1]
        self.query = self.add_weight(
            shape=(1, 1, features),
            initializer=keras.initializers.RandomUniform(0, 1),
            name="query",
        )
        for part in ("query", "key", "value", "output"):
            name = f"{part}_dense"
            dense = keras.layers.Dense(features, name=name, dtype=self.dtype_policy)
            dense.build((None, features))
            setattr(self, name, dense)
        self.built = True

    def call(self, inputs, mask=None):
        *frames, height, width, features = ops.shape(inputs)
        places = ops.reshape(inputs, (-1, inputs.shape[-1]))
        in_frames = (-1, height * width, features)
        keys = ops.reshape(self.key_dense(places), in_frames)
        values = ops.reshape(self.value_dense(places), in_frames)
        dtype = keras.backend.result_type(keys.dtype, "float32")
        query = ops.cast(self.query_dense(self.query[0]), dtype)  # (1, D)
        similarities = ops.sum(ops.cast(keys, dtype) * query, axis=-1)  # (N, P)
        shares = ops.softmax(similarities / math.sqrt(inputs.shape[-1]), axis=-1)
        pooled = ops.matmul(ops.cast(shares, values.dtype)[:, None], values)[:, 0]
        return ops.reshape(self.output_dense(pooled), (*frames, features))

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], input_shape[-1])

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        length, height, width, features = input_shape
        places = length * height * width
        return features * (2 * places * (features + 1) + (length + 1) * features)

    def time_geometry(self):
        return STEP_BY_STEP
