"""A model with the weights of a preset or a file, its last layer kept or fresh."""

import dataclasses
import warnings

from dtf_keras import models
from dtf_keras.recognition import ClipFormat
from dtf_keras.zoo import places
from dtf_keras.zoo.index import read_index
from dtf_keras.zoo.preset import read_preset
from dtf_keras.zoo.problems import PresetError
from dtf_keras.zoo.stored_model import stored_sizes
from dtf_keras.zoo.weights_file import copy_all_but_head, load_weights

# Options that change training alone: they may be other than the preset's.
_FREE = ("seed", "dropout")


def from_preset(name, preset, given, glosses):
    """The model of a preset.

    Args:
        name: of the model.
        preset: `Preset`.
        given: dict of the options that the user gave.
        glosses: that the user gave, or `None`.

    Raises:
        ValueError: options that contradict the preset's.
        PresetError: a preset of another model.
    """
    if preset.model != name:
        raise PresetError(
            f"Preset {preset.name!r} is one of {preset.model}, not of {name}: "
            f"zoo.get({preset.model!r}, weights={preset.name!r})."
        )
    options = preset.config["options"]
    trained = models.make_config(name, **options)
    config = models.make_config(name, **options | given)
    _refuse_contradictions(preset, trained, config)
    same_head = config.num_classes == trained.num_classes
    if same_head and glosses is None:
        glosses = preset.glosses
    elif None not in (glosses, preset.glosses):
        same_head = glosses == preset.glosses
    source = f"preset {preset.name!r}"
    model = _load(name, preset.weights, source, trained, config, same_head)
    model.clip_format = preset.clip_format(glosses)
    return model


def from_file(name, path, given, glosses):
    """The model of a weights file, in the sizes that the file has.

    Args:
        name: of the model.
        path: `pathlib.Path`.
        given: dict of the options that the user gave.
        glosses: that the user gave, or `None`.

    Raises:
        FileNotFoundError: it is not there.
        PresetError: the weights of another model, of other options, or damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no weights file {str(path)!r} for {name!r}.")
    sizes = stored_sizes(path)
    config = models.make_config(name, **sizes | given)
    classes = sizes.get("num_classes", config.num_classes)
    trained = dataclasses.replace(config, num_classes=classes)
    model = _load(name, path, str(path), trained, config, config == trained)
    if glosses is not None:
        model.clip_format = ClipFormat(glosses, config.frame_size)
    return model


def _load(name, path, source, trained, config, same_head):
    model = models.build(name, config)
    if same_head:
        load_weights(model, path)
        return model
    whole = models.build(name, trained)
    load_weights(whole, path)
    copy_all_but_head(whole, model)
    warnings.warn(
        f"{name}: all layers but the last have the weights of {source} "
        f"({trained.num_classes} classes); the last is fresh ({config.num_classes} "
        "classes) and has to be trained.",
        stacklevel=4,
    )
    return model


def _refuse_contradictions(preset, trained, config):
    for option in _contradictions(trained, config):
        others = _presets_of(preset.model, config)
        other = " or ".join(f"weights={name!r}" for name in others)
        raise ValueError(
            f"Preset {preset.name!r} was trained with {option}="
            f"{getattr(trained, option)!r}, so it cannot have {option}="
            f"{getattr(config, option)!r}: leave that out, take "
            f"{other or 'another preset'}, or weights=None for fresh weights."
        )


def _contradictions(trained, config):
    """The options in which weights of one config cannot serve another."""
    return [
        option
        for option, value in dataclasses.asdict(trained).items()
        if option not in (*_FREE, "num_classes") and value != getattr(config, option)
    ]


def _presets_of(model, config):
    """Names of the package's presets of a model that can have that config."""
    zoo = places.own_zoo()
    names = [name for name, one in read_index(zoo).items() if one["model"] == model]
    configs = {
        name: models.make_config(model, **read_preset(zoo / name).config["options"])
        for name in names
    }
    return [name for name in names if not _contradictions(configs[name], config)]
