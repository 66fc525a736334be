"""The running average of the weights (EMA) in place of the weights, between epochs."""

import keras


class AverageAfterEpoch(keras.callbacks.SwapEMAWeights):
    """Puts the average into the model from the end of an epoch to the next one's begin.

    To stand before the callbacks that look at the weights. Keras averages the weights
    that are trained; the moving statistics of batch norms are averages already, of the
    last steps, and stay as they are.

    Keras' own `swap_on_epoch=True` gives both one array after the last epoch, which
    JAX then deletes; here the weights themselves stay in the optimiser.
    """

    def on_epoch_end(self, epoch, logs=None):
        self.on_test_begin()

    def on_epoch_begin(self, epoch, logs=None):
        self.on_test_end()


def swap_back(model):
    """Puts the weights themselves back into a model saved between two epochs.

    Args:
        model: compiled model with the average, as `AverageAfterEpoch` leaves it.
    """
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()  # Keras' name for an exchange of the two
