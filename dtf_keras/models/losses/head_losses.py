"""The losses of a model with several heads: one each, with a weight and a figure."""

import keras

from dtf_keras import replicas

LOGITS = "logits"
"""The head that is a model's answer; others exist while it trains."""


class HeadLosses:
    """The losses of the heads beside `logits`, and the mean of every head's loss.

    Args:
        loss: what `compile` was given: one loss for all heads, or a dict by head.
        weights: dict of head to weight, for every head of the model.

    Attributes:
        trackers: dict of head to the `keras.metrics.Mean` of its loss, unweighted.
    """

    def __init__(self, loss, weights):
        self.weights = weights
        self._losses = {
            head: _as_loss(loss[head] if isinstance(loss, dict) else loss)
            for head in weights
        }
        self.trackers = {
            head: keras.metrics.Mean(name=f"{head}_loss") for head in weights
        }

    def __call__(self, y, heads, sample_weight=None):
        """The weighted sum over the heads, a scalar; each head's loss is noted."""
        total = 0.0
        for head, weight in self.weights.items():
            loss = self._losses[head](y, heads[head], sample_weight=sample_weight)
            # Keras divides a loss by the number of replicas.
            self.trackers[head].update_state(loss * replicas.count())
            total = total + weight * loss
        return total


def _as_loss(loss):
    loss = keras.losses.get(loss)
    return loss if isinstance(loss, keras.losses.Loss) else _Function(loss)


class _Function(keras.losses.Loss):
    def __init__(self, function):
        super().__init__(name="function")
        self.function = function

    def call(self, y_true, y_pred):
        return self.function(y_true, y_pred)
