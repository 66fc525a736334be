"""Weights of one model for the layers of another that have the same names."""

from dataclasses import dataclass

import h5py

from dtf_keras.training.run.layer_names import matches_within, named_layers
from dtf_keras.training.settings.config import SettingError


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
        fresh = [f"{path} ({why})" for path, why in self.fresh.items()]
        return (
            f"  loaded:     {_in_short(self.loaded)}\n"
            f"  not loaded: {', '.join(fresh) or 'none'}\n"
            f"  not used:   {_in_short(self.unused)}"
        )


def load_by_layer(model, path, patterns=("*",), leave=None):
    """Loads the weights of the layers that a file has too, by name and shape.

    Args:
        model: built `keras.Model`.
        path: a `.weights.h5` file of any model.
        patterns: names of the layers to load, as `layers_matching` takes them.
        leave: dict of paths of layers that stay as they are, and why.

    Returns:
        `LoadedLayers`.

    Raises:
        SettingError: the file cannot be read.
    """
    leave = leave or {}
    loaded, fresh = [], {}
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise SettingError(f"{path} is no weights file: {error}.") from error
    with file:
        stored = _stored_layers(file)
        for layer_path, layer in named_layers(model):
            own = {}
            layer.save_own_variables(own)
            if not own:
                continue
            if not any(matches_within(layer_path, pattern) for pattern in patterns):
                why = "not asked for"
            elif layer_path in leave:
                why = leave[layer_path]
            elif layer_path not in stored:
                why = "not in the file"
            else:
                why = _misfit(own, stored[layer_path])
            if why:
                fresh[layer_path] = why
            else:
                layer.load_own_variables(stored[layer_path])
                loaded.append(layer_path)
        unused = [name for name in stored if name not in {*loaded, *fresh}]
    return LoadedLayers(tuple(loaded), fresh, tuple(unused))


def _stored_layers(file):
    """The groups of a weights file that hold variables, by the layer's path."""
    found = {}

    def walk(group, prefix):
        own = group.get("vars")
        name = own.attrs.get("name") if own is not None else None
        path = f"{prefix}{name}/" if name else prefix
        if name and len(own):
            found[path[:-1]] = own
        for key, child in group.items():
            if key != "vars" and isinstance(child, h5py.Group):
                walk(child, path)

    if "layers" in file:
        walk(file["layers"], "")
    return found


def _misfit(own, stored):
    """Why stored variables are not those of a layer, or `None`."""
    ours = {key: tuple(variable.shape) for key, variable in own.items()}
    theirs = {key: tuple(variable.shape) for key, variable in stored.items()}
    if ours != theirs:
        return f"shapes {[*ours.values()]}, in the file {[*theirs.values()]}"
    return None


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
