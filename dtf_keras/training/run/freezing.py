"""Layers and weights that training leaves as they are."""

import keras

from dtf_keras.models.layer_paths import named_layers
from dtf_keras.training.run.layer_names import layers_matching
from dtf_keras.training.settings.config import SettingError


def freeze_layers(model, patterns):
    """Freezes layers, with all that is in them; to be called before `compile`.

    A frozen batch norm is really frozen: it normalises with its moving statistics,
    in training too, and they do not move (in the source project they did).

    Args:
        model: `keras.Model`.
        patterns: names of layers, as `layers_matching` takes them.

    Raises:
        SettingError: a name that no layer has, or nothing is left to train.
    """
    for pattern in patterns:
        for _, layer in layers_matching(model, pattern, "freeze"):
            layer.trainable = False
    if not model.trainable_variables:
        raise SettingError(
            f"freeze: {list(patterns)} leaves no weights of {model.name} to train."
        )


def freeze_norm_scales(model):
    """Keeps scale and shift of every batch norm; to be called before `compile`.

    Its moving statistics move as ever, and in training it normalises with those of the
    batch. So VAC of 2022, CorrNet and CorrNet+ were trained, by accident: their
    optimisers held copies that the networks no longer used.

    Args:
        model: `keras.Model`.
    """
    for _, layer in named_layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            for variable in (layer.gamma, layer.beta):
                if variable is not None:
                    variable.trainable = False
