"""What a `.keras` file says of the model in it, read without making that model."""

import contextlib
import pathlib
import zipfile

from dtf_keras.damage import damage_as, reason
from dtf_keras.json_text import parse_object
from dtf_keras.words import quoted
from dtf_keras.zoo.problems import PresetError

# Of layers, what changes training alone and may be other than in the file.
_FREE = ("trainable", "seed", "dropout", "active_in_training")


def stored_options(path):
    """`input`, `frame_size` and `width` of the model, as far as the file has them.

    Args:
        path: `pathlib.Path` of a `.keras` file.

    Raises:
        PresetError: it is damaged.
    """
    with damage_as(lambda error: damaged(path, error), PresetError):
        return _options(_layers(path))


def _options(layers):
    options = {}
    with contextlib.suppress(KeyError):
        height, width = layers["video"]["batch_shape"][2:4]
        options["frame_size"] = height if height == width else (height, width)
    if "landmarks" in layers:
        options["input"] = "landmarks"
    with contextlib.suppress(KeyError):
        options["width"] = layers["backbone"]["units"] / 512
    with contextlib.suppress(KeyError):
        options["width"] = layers["backbone"]["width"]
    return options


def require_same_model(model, path, but=()):
    """Checks that a `.keras` file is of a model's kind and options.

    Args:
        model: model of the zoo.
        path: `pathlib.Path` of the file.
        but: names of layers that may have been saved with other options.

    Raises:
        PresetError: it is not, or it is damaged; says what is another.
    """
    with damage_as(lambda error: damaged(path, error), PresetError):
        name, stored = _config(path)["name"], _layers(path)
    if name != model.name:
        raise PresetError(
            f"{path} holds the model {quoted(name)}, not {model.name!r}: give the "
            "model that it was saved from."
        )
    for layer in model.layers:
        theirs = {} if layer.name in but else stored.get(layer.name, {})
        for key, ours in layer.get_config().items():
            plain = isinstance(ours, bool | int | float | str | None)
            if not plain or key in _FREE or theirs.get(key, ours) == ours:
                continue
            raise PresetError(
                f"{path} was saved with {key}={quoted(theirs[key])} in its layer "
                f"{layer.name!r}, not {ours!r}: give the options of that model."
            )


def damaged(path, error):
    """The `PresetError` of a file that cannot be read."""
    kind = "".join(pathlib.Path(path).suffixes[-2:])
    return PresetError(
        f"{path} is damaged, or no {kind} file at all ({reason(error)})."
    )


def _layers(path):
    """Dict of layer name to the layer's settings."""
    layers = [dict(layer["config"]) for layer in _config(path).get("layers", [])]
    return {layer["name"]: layer for layer in layers}


def _config(path):
    with zipfile.ZipFile(path) as file:
        return parse_object(file.read("config.json"))["config"]
