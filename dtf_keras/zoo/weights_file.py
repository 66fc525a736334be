"""Weights to files and back: Keras' own formats, read by the names of layers.

What a file holds goes to the layers of the same names, such as `backbone/stem_bn`;
names of classes play no part, so that renaming one breaks no file. Of a `.keras` file
the weights are read and the settings compared; nothing in it is ever run.
"""

import contextlib
import io
import pathlib
import zipfile
from dataclasses import dataclass

import h5py
import numpy as np

from dtf_keras.damage import damage_as
from dtf_keras.files import write_whole
from dtf_keras.hdf5_file import hdf5_file
from dtf_keras.models.layer_paths import named_layers, weight_shapes
from dtf_keras.zoo.keras_file import damaged, require_same_model
from dtf_keras.zoo.problems import PresetError

_OF_TRAINING = ("optimizer", "seed_states")
_IN_KERAS_FILE = "model.weights.h5"


@dataclass(frozen=True)
class LoadedLayers:
    """What became of the layers that have weights, by path."""

    loaded: tuple[str, ...]
    """Layers of the model that took the weights of the file."""
    fresh: dict[str, str]
    """Layers of the model that did not, and why."""
    unused: tuple[str, ...]
    """Layers of the file that the model has not."""

    def __str__(self):
        fresh = [
            f"{path} ({why})"
            for path, why in self.fresh.items()
            if why not in map(self.fresh.get, _around(path))
        ]
        return (
            f"  loaded:     {_in_short(self.loaded)}\n"
            f"  not loaded: {', '.join(fresh) or 'none'}\n"
            f"  not used:   {_in_short(self.unused)}"
        )


def save_weights(model, path, dtype="float32"):
    """Writes a model's weights alone, without the state of its training.

    Args:
        model: `keras.Model`.
        path: `pathlib.Path` that ends in `.weights.h5`.
        dtype: "float32" as they are, or "float16", half the size.

    Raises:
        PresetError: a weight that is NaN or infinite, or that float16 cannot hold.
    """

    def write(part):
        whole = part.with_name(f"whole.{part.name}")
        model.save_weights(whole)
        with h5py.File(whole, "r") as old, h5py.File(part, "w", libver="v110") as new:
            _copy(old, new, np.dtype(dtype))

    write_whole(path, write)


def load_weights(model, path, fresh=()):
    """Loads weights into a model, all of them or none.

    Args:
        model: built `keras.Model`.
        path: a `.weights.h5` or `.keras` file of float32 or float16.
        fresh: paths of layers that stay as they are.

    Raises:
        FileNotFoundError: no such file.
        PresetError: the weights of another model, or of other options; weights that
            are NaN or infinite; a damaged file.
    """
    path = _existing(model, path)
    if path.suffix == ".keras":
        require_same_model(model, path, {layer.partition("/")[0] for layer in fresh})
    with stored_layers(path) as stored:
        leave = dict.fromkeys(fresh, "left out")
        found = _compare(model, stored, leave.get)
        for layer, why in found.fresh.items():
            if layer not in leave:
                raise _misfit(model, path, f"{layer}: {why}")
        if found.unused:
            raise _misfit(model, path, f"it has a layer {found.unused[0]} too")
        values = _values(path, stored, found.loaded)
    _assign(model, values)


def load_by_layer(model, path, leave=lambda layer: None):
    """Loads the weights of the layers that a file has too, by name and shape.

    Args:
        model: built `keras.Model`.
        path: a `.weights.h5` or `.keras` file of any model.
        leave: function of a layer's path; why the layer is to stay as it is, or `None`.

    Returns:
        `LoadedLayers`.

    Raises:
        FileNotFoundError: no such file.
        PresetError: a damaged file, or weights that are NaN or infinite.
    """
    path = _existing(model, path)
    with stored_layers(path) as stored:
        found = _compare(model, stored, leave)
        values = _values(path, stored, found.loaded)
    _assign(model, values)
    return found


@contextlib.contextmanager
def stored_layers(path):
    """The weights in a file, by layer: `{path: {key: h5py.Dataset}}`, while it is open.

    Raises:
        PresetError: a damaged file, wherever that is found, or one that refers to
            other files.
        OSError: another process has it, or the operating system does not give it.
    """

    def damage(error):
        if isinstance(error, _RefersElsewhereError):
            return PresetError(f"{path} is not safe: {error}.")
        return damaged(path, error)

    content = None
    if path.suffix == ".keras":
        with damage_as(damage), zipfile.ZipFile(path) as whole:
            content = io.BytesIO(whole.read(_IN_KERAS_FILE))
    with hdf5_file(path, damage, PresetError, content) as file:
        found = {}
        if "layers" in file:
            _walk(file["layers"], "", found)
        yield found


def read_numbers(path, part, datasets):
    """The numbers that a part of a weights file holds: a dict of key to array.

    Args:
        path: of the file, for the message.
        part: what of it, for the message: "its layer 'stem_bn'".
        datasets: dict of key to `h5py.Dataset`.

    Raises:
        PresetError: NaN, infinite, or too large for the single precision of models; or
            no numbers at all.
    """
    found = {}
    for key, dataset in datasets.items():
        values = dataset[()]
        if dataset.attrs.get("dtype") == "bfloat16":  # HDF5 has no such type
            import ml_dtypes

            values = values.view(ml_dtypes.bfloat16).astype("float32")
        if values.dtype.kind not in "fiu":
            raise PresetError(
                f"{path} holds {values.dtype} in {part}, where weights are real "
                "numbers: it is damaged, or made by another program."
            )
        with np.errstate(over="ignore"):
            finite = np.isfinite(values.astype("float32")).all()
        if not finite:
            raise PresetError(
                f"{path} holds weights that are NaN or infinite, in {part}: its "
                "training diverged. Train again, for example with a lower learning "
                "rate."
            )
        found[key] = values
    return found


def _misfit(model, path, reason):
    return PresetError(
        f"{path} does not fit {model.name} as it is set here ({reason}): give the "
        "model, num_classes, width and options that it was trained with."
    )


class _RefersElsewhereError(Exception):
    pass


def _existing(model, path):
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no weights file {str(path)!r} for {model.name!r}: give the path "
            "of a .weights.h5 file, or weights=None for fresh weights."
        )
    return path


def _walk(group, prefix, found):
    """Puts the variables of a group's layers into `found`, by the layers' paths."""
    children = dict(_members(group))
    own = children.pop("vars", None)
    name = own.attrs.get("name") if own is not None else None
    path = f"{prefix}{name}/" if name else prefix
    variables = dict(_members(own)) if name else {}
    if variables:
        found[path[:-1]] = variables
    for child in children.values():
        if isinstance(child, h5py.Group):
            _walk(child, path, found)


def _members(group):
    """`(key, member)` of a group, all of which lie in the file itself."""
    for key in group:
        elsewhere = not isinstance(group.get(key, getlink=True), h5py.HardLink)
        member = None if elsewhere else group[key]
        if isinstance(member, h5py.Dataset):
            elsewhere = member.is_virtual or member.external
        if elsewhere:
            raise _RefersElsewhereError(f"its {group.name}/{key} lies elsewhere")
        yield key, member


def _compare(model, stored, leave=lambda layer: None):
    loaded, fresh = [], {}
    for path, shapes in weight_shapes(model).items():
        theirs = {key: values.shape for key, values in stored.get(path, {}).items()}
        why = leave(path)
        if why is None and not theirs:
            why = "not in the file"
        elif why is None and theirs != shapes:
            why = f"shapes {[*shapes.values()]}, in the file {[*theirs.values()]}"
        if why is None:
            loaded.append(path)
        else:
            fresh[path] = why
    unused = [path for path in stored if path not in {*loaded, *fresh}]
    return LoadedLayers(tuple(loaded), fresh, tuple(unused))


def _values(path, stored, layers):
    """What an open file has for layers: `{path: {key: array}}`, all of it finite."""
    values = {
        layer: read_numbers(path, f"its layer {layer!r}", stored[layer])
        for layer in layers
    }
    return values


def _assign(model, values):
    for layer_path, layer in named_layers(model):
        if layer_path in values:
            layer.load_own_variables(values[layer_path])


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
            if not np.isfinite(values).all():
                raise PresetError(
                    f"{item.name} is NaN or infinite: the model's training diverged, "
                    "and its weights are not kept."
                )
            with np.errstate(over="ignore"):
                values = values.astype(dtype)
            if not np.isfinite(values).all():
                raise PresetError(f"{item.name} is too large for {dtype}: use float32.")
        new.create_dataset(name, data=values)


def _around(path):
    """Paths of the layers that a layer is part of."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _in_short(paths):
    """Paths in a line; layers within one another by their outermost, with a count."""
    tops = {}
    for path in paths:
        tops.setdefault(path.partition("/")[0], []).append(path)
    return (
        ", ".join(
            top if within == [top] else f"{top} ({len(within)} layers)"
            for top, within in tops.items()
        )
        or "none"
    )
