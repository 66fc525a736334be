"""Whether a whole zoo is sound."""

import pathlib

import numpy as np
from keras import ops

from dtf_keras.words import tell, unknown
from dtf_keras.zoo.index import INDEX, index_entry, preset_folders, read_index
from dtf_keras.zoo.load import get
from dtf_keras.zoo.places import own_zoo
from dtf_keras.zoo.preset import read_preset
from dtf_keras.zoo.problems import PresetError, UnknownPresetError

_FRAMES = 16  # of the clip that every model is shown


def verify(zoo=None, say=tell, names=()):
    """Checks the presets of a zoo: hashes, index, and that each loads and runs.

    Args:
        zoo: its folder; by default the package's own.
        say: function that shows a line of text, one a preset.
        names: of the presets to check; by default all.

    Returns:
        List of sentences, one a problem; empty if all is well.
    """
    zoo = own_zoo() if zoo is None else pathlib.Path(zoo)
    folders = {path.name: path for path in preset_folders(zoo)}
    if not folders:
        return [f"There is no preset in {zoo}."]
    try:
        index = read_index(zoo)
    except PresetError as error:
        return [str(error)]
    problems = []
    for name in names or sorted(index.keys() | folders.keys()):
        try:
            if name not in folders:
                raise _missing(name, zoo, index, folders)
            _check(folders[name], index)
            say(f"{name}: sound")
        except (ValueError, OSError) as error:
            say(f"{name}: {error}")
            problems.append(f"{name}: {error}")
    return problems


def _missing(name, zoo, index, names):
    if name in index:
        return PresetError(f"{zoo / INDEX} lists {name}, which is not there.")
    advice = f"{zoo} has {', '.join(names)}."
    return UnknownPresetError(unknown("preset", name, names, advice))


def _check(path, index):
    if index_entry(path) != index.get(path.name):
        raise PresetError(
            f"{path.parent / INDEX} does not agree with it: make the index anew."
        )
    preset = read_preset(path)
    model = get(preset.model, weights=path)
    clips = np.zeros((1, _FRAMES, *preset.input_format.frame_shape), "float32")
    logits = ops.convert_to_numpy(model(clips, training=False))
    if logits.shape[-1] != model.config.num_classes or not np.isfinite(logits).all():
        raise PresetError(f"The logits are not finite, or not of its classes: {path}.")
