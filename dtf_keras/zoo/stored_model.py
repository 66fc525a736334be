"""What a weights file says of the model that it was made of."""

import contextlib
import json
import pathlib
import zipfile

import h5py

from dtf_keras.zoo.problems import PresetError

HEAD = "classifier"  # the layer that knows the glosses
# Of layers, what changes training alone and may be other than in the file.
_FREE = ("trainable", "seed", "dropout", "active_in_training")


def stored_sizes(path):
    """The options `num_classes`, `frame_size` and `width`, as far as the file has them.

    Args:
        path: `pathlib.Path` of a `.weights.h5` or `.keras` file.

    Raises:
        PresetError: it is damaged.
    """
    if path.suffix == ".keras":
        layers = _layers(path)
        places = {
            "num_classes": lambda: layers[HEAD]["units"],
            "frame_size": lambda: layers["video"]["batch_shape"][2],
            "width": lambda: layers["backbone"]["width"],
        }
    else:
        places = {"num_classes": lambda: _head_shape(path)[-1]}
    sizes = {}
    for option, read in places.items():
        with contextlib.suppress(KeyError):  # another model's
            sizes[option] = read()
    return sizes


def require_same_model(model, path):
    """Checks that a `.keras` file is of a model's kind and options.

    Raises:
        PresetError: it is not, or it is damaged; says what is another.
    """
    name = _config(path)["name"]
    if name != model.name:
        raise PresetError(
            f"{path} holds the model {name!r}, not {model.name!r}: give the model that "
            "it was saved from."
        )
    stored = _layers(path)
    for layer in model.layers:
        theirs = stored.get(layer.name, {})
        for key, ours in layer.get_config().items():
            plain = isinstance(ours, bool | int | float | str | None)
            if not plain or key in _FREE or theirs.get(key, ours) == ours:
                continue
            raise PresetError(
                f"{path} was saved with {key}={theirs[key]!r} in its layer "
                f"{layer.name!r}, not {ours!r}: give the options of that model."
            )


def damaged(path, error):
    """The `PresetError` of a file that cannot be read."""
    kind = "".join(pathlib.Path(path).suffixes[-2:])
    return PresetError(f"{path} is damaged, or no {kind} file at all ({error}).")


def _layers(path):
    """Of a `.keras` file, dict of layer name to the layer's settings."""
    layers = _config(path).get("layers", [])
    return {layer["config"]["name"]: layer["config"] for layer in layers}


def _config(path):
    try:
        with zipfile.ZipFile(path) as file:
            return json.loads(file.read("config.json"))["config"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error


def _head_shape(path):
    try:
        with h5py.File(path, "r") as file:
            for layer in file["layers"].values():
                if layer["vars"].attrs.get("name") == HEAD:
                    return layer["vars"]["0"].shape
    except OSError as error:
        raise damaged(path, error) from error
    raise KeyError(HEAD)
