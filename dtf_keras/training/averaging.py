"""The running average of the weights (EMA) in place of the weights, between epochs."""

import keras


def swap_average():
    """A callback that puts the average into the model from the end of each epoch to
    the begin of the next; to stand before those that look at the weights.

    Keras averages the weights that are trained. The moving statistics of batch norms
    are averages already, of the last steps, and stay as they are.
    """
    return keras.callbacks.SwapEMAWeights(swap_on_epoch=True)


def swap_back(model):
    """Puts the weights themselves back into a model saved between two epochs.

    Args:
        model: compiled model with the average, as `swap_average` leaves it.
    """
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()  # Keras' name for an exchange of the two
