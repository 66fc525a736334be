"""`zoo.get`: a model, with the weights one asks for."""

import dataclasses
import os
import warnings

from dtf_keras import models
from dtf_keras.damage import damage_as
from dtf_keras.data import Vocabulary
from dtf_keras.models.layer_paths import class_layers, weight_shapes
from dtf_keras.zoo import places
from dtf_keras.zoo.find import find
from dtf_keras.zoo.index import read_index
from dtf_keras.zoo.keras_file import stored_options
from dtf_keras.zoo.preset import read_preset, unsound
from dtf_keras.zoo.problems import PresetError, UnknownPresetError
from dtf_keras.zoo.weights_file import load_weights, stored_layers

DEFAULT = "default"


def get(
    name,
    weights=DEFAULT,
    num_classes=None,
    frame_size=None,
    width=None,
    glosses=None,
    **options,
):
    """A model of the zoo, trained or fresh.

    Args:
        name: a name of `zoo.list()`, or of `zoo.presets()` for that preset.
        weights: "default" for the model's own preset; the name of another preset of
            it (`zoo.presets()`); the folder of a preset as a path, `file://...`,
            `https://...` or `hf://ORG/REPO[@REVISION]`; the path, also as `file://...`,
            of a `.weights.h5` or `.keras` file made by the same model with the same
            options; or `None` for fresh weights. A name is looked for in the cache
            (in `$DTF_KERAS_CACHE`), in the mirror (`$DTF_KERAS_MIRROR`) and in the
            package.
        num_classes: V, blank and the glosses. By default that of the preset or file;
            without one that of the published weights. Another one than theirs gives
            fresh last layers on trained other layers, with a warning.
        frame_size: `H = W` or `(H, W)`, pixels; by default that of the preset or
            `.keras` file, without one the published size.
        width: factor on every channel count; by default that of the preset or `.keras`
            file, without one 1, the published size.
        glosses: V-1 names of classes 1 .. V-1, in place of `num_classes`. Others than
            the preset's give fresh last layers.
        **options: the model's own, e.g. `window=12`, `residual=True`;
            `zoo.describe(name)` lists them.

    Returns:
        A `dtf_keras.models.Recognizer`, not yet compiled; its `input_format` says what
        it reads, its `glosses` what its classes mean, its `decoder` how they are read
        off it.

    Raises:
        TypeError: `name` or `weights` is of a type that it cannot have.
        ValueError: on an unknown name or option (names the closest ones), a value or
            glosses that cannot be, or options that contradict the preset's.
        PresetError: a `ValueError`: no such preset, a damaged one, or weights that do
            not fit.
        DownloadError: an `OSError`: the preset cannot be downloaded.
        FileNotFoundError: the weights file is not there.

    Example:

    >>> model = zoo.get("full_conv_v7", weights=None, num_classes=27, frame_size=32)
    >>> model.compile()
    """
    _require_types(name, weights)
    if glosses is not None:
        glosses = Vocabulary(glosses).glosses
        if num_classes not in (None, len(glosses) + 1):
            raise ValueError(
                f"num_classes={num_classes} does not go with {len(glosses)} glosses "
                "and the blank: leave it out."
            )
        num_classes = len(glosses) + 1
    given = {"num_classes": num_classes, "frame_size": frame_size, "width": width}
    given = {key: value for key, value in given.items() if value is not None} | options
    if weights != DEFAULT or name in models.names():
        config = models.make_config(name, **given)  # wrong names, before any download
    file = None if weights is None else _weights_file(weights)
    if weights is None:
        model = models.build(name, config)
    elif file:
        model = _from_file(name, file, given)
    else:
        return _from_preset(name, weights, given, glosses)
    model.glosses = glosses
    return model


def _from_preset(name, weights, given, glosses):
    """The model of a preset, its last layers kept or fresh."""
    if weights == DEFAULT:
        preset = _default_preset(name)
        name = preset.model
    else:
        preset = find(weights)
    if preset.model != name:
        raise PresetError(
            f"Preset {preset.name!r} is one of {preset.model}, not of {name}: "
            f"zoo.get({preset.model!r}, weights={preset.name!r})."
        )
    options = preset.config["options"]
    with damage_as(lambda error: unsound(preset.path, error)):
        trained = models.make_config(name, **options)
    config = models.make_config(name, **options | given)
    _refuse_contradictions(preset, trained, config)
    same_classes = config.num_classes == trained.num_classes
    if same_classes and glosses is None:
        glosses = preset.glosses
    elif None not in (glosses, preset.glosses):
        same_classes = glosses == preset.glosses
    model = models.build(name, config)
    source = f"preset {preset.name!r}"
    _load(model, preset.weights, same_classes, source, trained.num_classes)
    model.input_format, model.glosses = preset.input_format, glosses
    model.decoder = preset.decoder
    return model


def _from_file(name, path, given):
    """The model of a weights file, in the sizes that the file has."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no weights file {str(path)!r} for {name!r}.")
    stored = stored_options(path) if path.suffix == ".keras" else {}
    config = models.make_config(name, **stored | given)
    classes = _stored_classes(models.outline(name, config), path)
    if "num_classes" not in given:
        config = dataclasses.replace(config, num_classes=classes)
    model = models.build(name, config)
    _load(model, path, classes == config.num_classes, str(path), classes)
    return model


def _load(model, path, same_classes, source, classes):
    if same_classes:
        load_weights(model, path)
        return
    load_weights(model, path, fresh=class_layers(model))
    warnings.warn(
        f"{model.name}: all layers but the last have the weights of {source} "
        f"({classes} classes); the last is fresh ({model.config.num_classes} "
        "classes) and has to be trained.",
        stacklevel=4,
    )


def _stored_classes(model, path):
    """What a file has in place of a model's number of classes, if it says one number.

    The rest of its weights is compared when they are loaded.
    """
    classes = model.config.num_classes
    found = set()
    with stored_layers(path) as stored:
        for layer, shapes in weight_shapes(model).items():
            for key, values in stored.get(layer, {}).items():
                pairs = zip(shapes.get(key, ()), values.shape, strict=False)
                found |= {b for a, b in pairs if a == classes and b != classes}
    return found.pop() if len(found) == 1 else classes


def _require_types(name, weights):
    if not isinstance(name, str):
        raise TypeError(
            "name must be a string, one of zoo.list() or zoo.presets(). "
            f"Received: {name!r}."
        )
    if not isinstance(weights, str | os.PathLike | None):
        raise TypeError(
            "weights must be a preset's name, a path or URL, or None for fresh "
            f"weights. Received: {weights!r}."
        )


def _weights_file(weights):
    """Path of the file that a user means, `None` if they mean a preset."""
    address = os.fspath(weights)
    if not address.endswith((".h5", ".keras")):
        return None
    if places.is_web(address):
        raise PresetError(
            f"{address} is a file: give the folder of a preset, "
            f"{address.rpartition('/')[0]}, or download the file and give its path."
        )
    return places.local_path(address)


def _default_preset(name):
    try:
        return find(name)
    except UnknownPresetError:
        models.entry(name)  # raises if it is no model either, and names the closest
        raise


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
        field.name
        for field in dataclasses.fields(trained)
        if not field.metadata.get("training")
        and field.name != "num_classes"
        and getattr(trained, field.name) != getattr(config, field.name)
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
