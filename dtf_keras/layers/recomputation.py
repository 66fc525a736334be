"""Activations that are made anew for the gradient, in place of being kept."""

import keras
from keras import ops


class Recomputes:
    """Mixin of a layer that can do without what its parts made on the way.

    While training, if `recomputes` is set, only what goes into each part is kept, and
    the part runs again when its gradient is due: less memory, about a third more time,
    the same numbers. It is no part of the config, as it changes nothing else.
    """

    recomputes = False

    def _run(self, function, parts, inputs, training):
        """`function(*inputs)`, of which nothing is kept if that is wanted.

        Args:
            function: of tensors, to a tensor or a tuple of them; draws nothing.
            parts: the layers whose weights it uses.
            inputs: list of its tensors, floats.
            training: whether the layer trains.
        """
        if training and self.recomputes:
            return recomputed(function, parts, inputs)
        return function(*inputs)


def recompute(model):
    """Lets the layers of a model that can make their activations anew do so.

    Args:
        model: `keras.Model`.

    Returns:
        Number of such layers.
    """
    layers = model._flatten_layers()
    found = [layer for layer in layers if isinstance(layer, Recomputes)]
    for layer in found:
        layer.recomputes = True
    return len(found)


def recomputed(function, parts, inputs):
    """`function(*inputs)`, computed again for its gradient; see `Recomputes._run`.

    `keras.remat` alone would move the statistics of batch norms twice: here the weights
    go in and the state comes out, as it does once.
    """
    trained = [v for part in parts for v in part.trainable_variables]
    state = [v for part in parts for v in part.non_trainable_variables]
    kept = [ops.copy(_tensor(variable)) for variable in state]
    shape = None

    def computed(*tensors):
        nonlocal shape
        weights, given = tensors[: len(trained)], tensors[len(trained) :]
        mapping = zip([*trained, *state], [*weights, *kept], strict=True)
        with keras.StatelessScope(state_mapping=mapping) as scope:
            outputs = function(*given)
        shape = keras.tree.map_structure(lambda tensor: None, outputs)
        moved = [scope.get_current_value(variable) for variable in state]
        return (*keras.tree.flatten(outputs), *moved)

    weights = map(_tensor, trained)
    found = list(keras.remat(computed)(*weights, *inputs))
    outputs = found[: len(found) - len(state)]
    moved = found[len(outputs) :]
    for variable, value in zip(state, moved, strict=True):
        variable.assign(value)
    return keras.tree.pack_sequence_as(shape, outputs)


def _tensor(variable):
    """The value of a variable; on TensorFlow no variable, which counted twice."""
    return ops.cast(variable.value, variable.dtype)
