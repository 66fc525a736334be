"""The weights that a run starts from: another run's, a preset's, a recipe's."""

import dataclasses
import hashlib
import pathlib

from dtf_keras.data import Vocabulary
from dtf_keras.training import recipes
from dtf_keras.training.config import SettingError
from dtf_keras.training.layer_names import layers_matching, named_layers
from dtf_keras.training.recipe_table import RECIPE_PREFIX
from dtf_keras.training.run_folder import RunFolder
from dtf_keras.training.weights_by_layer import load_by_layer
from dtf_keras.zoo.preset import GLOSSES, WEIGHTS

RUNS = pathlib.Path("runs")
# What a run has of its own, not of the recipe that it follows.
_MAY_DIFFER = {"root", "on_bad_clip", "jit_compile"}
# What the run to start from shares with the run that starts.
_SHARED = ("width", "frame_size", "num_clips", "num_eval_clips", "data_options")


def find_weights(config, beside=None):
    """The weights file that a config's `init_from` means.

    `recipe:NAME` is the latest finished run of that recipe, on the same corpus with the
    same width, frame size and number of clips, in `runs/` or beside the new run.

    Args:
        config: `RunConfig` with `init_from`.
        beside: path of the new run's folder.

    Raises:
        FileNotFoundError: nothing is there; says how to make it.
        SettingError: no such recipe.
    """
    if config.init_from.startswith(RECIPE_PREFIX):
        name = config.init_from.removeprefix(RECIPE_PREFIX)
        return _of_recipe(name, config, beside)
    path = pathlib.Path(config.init_from)
    if path.is_file():
        return path
    for weights in (RunFolder(path).best_weights, path / WEIGHTS):
        if weights.is_file():
            return weights
    raise FileNotFoundError(
        f"--init-from {path}: there are no weights; give a run folder (with "
        f"{RunFolder(path).best_weights.name}), a preset folder (with {WEIGHTS}) or a "
        ".weights.h5 file."
    )


def start_from(model, config, path, vocabulary, say=print):
    """Loads a run's initial weights, layer by layer, and says what was loaded.

    Args:
        model: the run's model, its frozen layers frozen.
        config: `RunConfig`.
        path: the weights file. If the `glosses.txt` beside it has other glosses than
            the run, the classifier's weights are left out.
        vocabulary: the run's `Vocabulary`.
        say: function that shows a line of text.

    Returns:
        JSON-able dict: the file, its sha256, and what was and was not loaded.

    Raises:
        SettingError: nothing of it fits the model, or a frozen layer stays fresh.
    """
    for pattern in config.init_layers:
        layers_matching(model, pattern, "init_layers")
    glosses = path.with_name(GLOSSES)
    leave = {}
    if glosses.is_file() and Vocabulary.from_file(glosses) != vocabulary:
        leave["classifier"] = "other glosses"
    found = load_by_layer(model, path, config.init_layers, leave)
    say(f"Starting from {path}:\n{found}")
    if not found.loaded:
        raise SettingError(
            f"{path}: none of its layers fits {config.model} as it is set here: give "
            "the --width that it was trained with, or other --init-layers."
        )
    layers = dict(named_layers(model))
    for layer, why in found.fresh.items():
        if config.freeze and not layers[layer].trainable_variables:
            raise SettingError(
                f"{layer} is to be frozen, but {path} has no weights for it "
                f"({why}): freeze only layers that are loaded."
            )
    return {
        "path": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        **dataclasses.asdict(found),
    }


def _of_recipe(name, config, beside):
    shared = {setting: getattr(config, setting) for setting in _SHARED}
    wanted = dataclasses.replace(recipes.get(name, config.data), **shared)
    changed = {}
    for run in _runs(beside):
        differences = set(wanted.differences(run.read_config()[0])) - _MAY_DIFFER
        if not differences:
            return run.best_weights
        if not differences & {"model", "data", "width", "frame_size"}:
            changed[run.path] = sorted(differences)
    flags = [f"--recipe {name}", f"--data {config.data}"]
    of_recipe = recipes.get(name, config.data)
    for setting in ("width", "frame_size", "num_clips", "num_eval_clips"):
        value = getattr(config, setting)
        if value != getattr(of_recipe, setting):
            flags.append(f"--{setting.replace('_', '-')} {value}")
    near = ""
    if changed:
        path, settings = next(iter(changed.items()))
        near = f" ({path} has another {' and '.join(settings)})"
    raise FileNotFoundError(
        f"This run starts from the weights of the recipe {name}, and {RUNS} holds no "
        f"finished run of it on {config.data}{near}: train one with `python "
        f"scripts/fit.py {' '.join(flags)}`, or give weights with --init-from."
    )


def _runs(beside):
    """The finished runs in `runs/`, two folders deep, and beside; latest first."""
    places = [RUNS, *([pathlib.Path(beside).parent] if beside else [])]
    found = {
        path.resolve(): RunFolder(path.parent)
        for place in places
        for pattern in ("*/config.json", "*/*/config.json")
        for path in place.glob(pattern)
    }
    runs = [
        run for run in found.values() if run.finished and run.best_weights.is_file()
    ]
    return sorted(runs, key=lambda run: run.metrics.stat().st_mtime, reverse=True)
