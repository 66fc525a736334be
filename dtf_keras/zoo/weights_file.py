"""Weights to files and back; all of them Keras' own format, and no pickles."""

import pathlib
import warnings
import zipfile

import h5py
import keras
import numpy as np

from dtf_keras.files import write_whole
from dtf_keras.zoo.problems import PresetError
from dtf_keras.zoo.stored_model import HEAD, damaged, require_same_model

_OF_TRAINING = ("optimizer", "seed_states")


def save_weights(model, path, dtype="float32"):
    """Writes a model's weights alone, without the state of its training.

    Keras' `.weights.h5` format, which `model.load_weights` reads whatever the `dtype`:
    it casts to that of the model.

    Args:
        model: `keras.Model`.
        path: `pathlib.Path` that ends in `.weights.h5`.
        dtype: "float32" as they are, or "float16", half the size.

    Raises:
        PresetError: a weight that float16 cannot hold.
    """

    def write(part):
        whole = part.with_name(f"whole.{part.name}")
        model.save_weights(whole)
        with h5py.File(whole, "r") as old, h5py.File(part, "w", libver="v110") as new:
            _copy(old, new, np.dtype(dtype))

    write_whole(path, write)


def _copy(old, new, dtype):
    for key, value in old.attrs.items():
        new.attrs[key] = value
    for name, item in old.items():
        if old.name == "/" and name in _OF_TRAINING:
            continue
        if isinstance(item, h5py.Group):
            _copy(item, new.create_group(name), dtype)
            continue
        values = item[()]
        if values.dtype == np.float32:
            with np.errstate(over="ignore"):
                cast = values.astype(dtype)
            if np.isfinite(values).all() and not np.isfinite(cast).all():
                raise PresetError(f"{item.name} is too large for {dtype}: use float32.")
            values = cast
        new.create_dataset(name, data=values)


def load_weights(model, path):
    """Loads weights into a model, all of them or none.

    Args:
        model: `keras.Model`.
        path: a `.weights.h5` file, or a whole model in a `.keras` file, whose
            configuration is read with Keras' `safe_mode`.

    Raises:
        FileNotFoundError: no such file.
        PresetError: the weights of another model, or of other options; a damaged file,
            or a `.keras` file that wants to run code.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no weights file {str(path)!r} for {model.name!r}: give the path "
            "of a .weights.h5 file, or weights=None for fresh weights."
        )
    load = _load_keras if path.suffix == ".keras" else _load_h5
    try:
        load(model, path)
    except (OSError, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error


def _load_h5(model, path):
    try:
        with warnings.catch_warnings():
            # Keras only warns where it leaves layers as they are.
            warnings.filterwarnings("error", "Skipping", UserWarning)
            model.load_weights(path)
    except UserWarning as error:
        reason = "it lacks some of the layers, or has them in other sizes"
        raise _misfit(model, path, reason) from error
    except (ValueError, KeyError) as error:
        raise _misfit(model, path, error) from error


def _load_keras(model, path):
    try:
        whole = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError) as error:
        if "safe_mode" not in str(error):
            raise damaged(path, error) from error
        raise PresetError(
            f"{path} is not safe: loading it would run code that it brings along, so "
            "it is not loaded; give a .weights.h5 file."
        ) from error
    require_same_model(model, path)
    try:
        model.set_weights(whole.get_weights())
    except ValueError as error:
        raise _misfit(model, path, error) from error


def _misfit(model, path, reason):
    reason = str(reason).strip().split(". ")[0]
    return PresetError(
        f"{path} does not fit {model.name} as it is set here ({reason}): give the "
        "model, num_classes, width and options that it was trained with."
    )


def copy_all_but_head(source, target):
    """Gives `target` the weights of `source`, layer by layer, but for the classifier.

    Args:
        source: model of the same options, but for `num_classes`.
        target: model.
    """
    for layer in target.layers:
        if layer.name != HEAD:
            layer.set_weights(source.get_layer(layer.name).get_weights())
