import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dtf_keras")
class FrameBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation of images whose statistics leave padded frames out.

    The same weights and the same function as `keras.layers.BatchNormalization`; only
    the mask differs, one bool a frame instead of one a pixel, which the sums need not
    spread over the pixels: faster, and with fewer temporaries.

    Call arguments:
        inputs: frames `[N, H, W, D]`.
        mask: bool `[N]`, True = real frame.

    Output: `[N, H, W, D]`.
    """

    def call(self, inputs, training=None, mask=None):
        x = ops.cast(inputs, "float32")
        if training and self.trainable:
            mean, variance = self._frame_moments(x, mask)
            for moving, batch in (
                (self.moving_mean, mean),
                (self.moving_variance, variance),
            ):
                moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        outputs = ops.batch_normalization(
            x,
            mean=mean,
            variance=variance,
            axis=-1,
            offset=self.beta,
            scale=self.gamma,
            epsilon=self.epsilon,
        )
        return ops.cast(outputs, self.compute_dtype)

    def _frame_moments(self, x, mask):
        frames, height, width = ops.shape(x)[:3]
        weights = ops.ones((frames,)) if mask is None else ops.cast(mask, "float32")
        weights = weights / ops.maximum(ops.sum(weights), 1.0)
        weights = weights / (height * width)
        mean = ops.matmul(weights, ops.sum(x, axis=(1, 2)))  # (D,)
        spread = ops.sum(ops.square(x - mean), axis=(1, 2))
        return mean, ops.matmul(weights, spread)
