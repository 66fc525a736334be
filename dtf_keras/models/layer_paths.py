"""The layers of a model by path, nested ones too, and what their weights depend on."""

import dataclasses

from dtf_keras.models.build import build


def named_layers(model):
    """Every layer of a model with its path: a list of `(path, layer)`.

    The path is the names from the outermost layer inwards, as in
    `backbone/stem_bn`; the model's own name is left out.
    """
    found = []

    def walk(parent, prefix):
        # Keras lists the layers of a model in public, those of a layer only here.
        for layer in parent._flatten_layers(include_self=False, recursive=False):
            found.append((prefix + layer.name, layer))
            walk(layer, f"{prefix}{layer.name}/")

    walk(model, "")
    return found


def weight_shapes(model):
    """The layers that have weights of their own: `{path: {key: shape}}`.

    The keys are those under which Keras saves the weights of a layer, "0", "1".
    """
    found = {}
    for path, layer in named_layers(model):
        own = {}
        layer.save_own_variables(own)
        if own:
            found[path] = {key: tuple(value.shape) for key, value in own.items()}
    return found


def class_layers(model):
    """Paths of the layers whose weights depend on the number of classes.

    Args:
        model: model of the zoo; it is compared with one of another number of classes.
    """
    classes = model.config.num_classes + 1
    other = build(model.name, dataclasses.replace(model.config, num_classes=classes))
    theirs = weight_shapes(other)
    return {path for path, ours in weight_shapes(model).items() if theirs[path] != ours}
