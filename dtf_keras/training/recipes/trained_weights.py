"""Trained weights of a recipe: of a finished run of it, else of a preset of the zoo."""

import dataclasses
import json
import pathlib
import shlex

from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config_file import config_of
from dtf_keras.zoo import places
from dtf_keras.zoo.index import read_index
from dtf_keras.zoo.preset import read_preset

RUNS = pathlib.Path("runs")
# What the run to start from shares with the run that starts, and the preset too.
_PICTURES = ("width", "frame_size", "crop", "resize", "data_options")
_SHARED = (*_PICTURES, "num_clips", "num_eval_clips")
_SAME = {"data", *_PICTURES}  # as in a preset
# What it has of its own, not of the recipe that it follows.
_MAY_DIFFER = ("root", "on_bad_clip", "jit_compile", "remat", "seed", "epochs")
_MAY_DIFFER += ("warmup_steps", "schedule", "milestones", "milestone_factor")


def find_run(name, config, beside=None):
    """The latest finished run of a recipe that another run can start from.

    Args:
        name: of the recipe.
        config: `RunConfig` of the run that starts.
        beside: path of its folder; runs beside it count like those in `runs/`.

    Returns:
        `RunFolder` or `None`, and a dict of runs that nearly are one to what is another
        in them.

    Raises:
        SettingError: no such recipe.
    """
    shared = {setting: getattr(config, setting) for setting in _SHARED}
    wanted = dataclasses.replace(recipes.get(name, config.data), **shared)
    near = {}
    for run in _runs(beside):
        differences = set(wanted.differences(run.read_config().config)) - {*_MAY_DIFFER}
        if not differences:
            return run, near
        if not differences & {"model", "data", "width", "frame_size"}:
            near[run.path] = sorted(differences)
    return None, near


def find_preset(name, config, vocabulary):
    """The package's preset that was trained by a recipe, if a run can start from it.

    Args:
        name: of the recipe.
        config: `RunConfig` of the run.
        vocabulary: its `dtf_keras.data.Vocabulary`.

    Returns:
        `dtf_keras.zoo.Preset` or `None`.
    """
    zoo, model = places.own_zoo(), recipes.entry(name).model
    for one, entry in read_index(zoo).items():
        if entry["model"] != model:
            continue
        preset = read_preset(zoo / one)
        if preset.metadata["recipe"] != name or preset.glosses != vocabulary.glosses:
            continue
        training = preset.metadata["training"]
        theirs = config_of(training["settings"], training["settings_format"])
        if not {*_unversioned(theirs).differences(_unversioned(config))} & _SAME:
            return preset
    return None


def _unversioned(config):
    """The config without the version of its corpus: a start may be with older clips."""
    options = {k: v for k, v in config.data_options.items() if k != "version"}
    return dataclasses.replace(config, data_options=options)


def fit_command(name, config):
    """The command that trains a recipe so that a run can start from it."""
    of_recipe = recipes.get(name, config.data)
    words = ["python", "scripts/fit.py", "--recipe", name, "--data", config.data]
    for setting in of_recipe.differences(config):
        if setting in (*_SHARED, *_MAY_DIFFER):
            value = getattr(config, setting)
            values = value if isinstance(value, tuple) else [value]
            words.append(f"--{setting.replace('_', '-')}")
            words += [_word(setting, one) for one in values]
    return shlex.join(words)


def _word(setting, value):
    """A setting's value as a command line takes it."""
    if isinstance(value, bool | dict):
        return json.dumps(value)
    return "auto" if setting == "jit_compile" and value is None else str(value)


def _runs(beside):
    """The finished runs in `runs/`, two folders deep, and beside; latest first."""
    folders = [RUNS, *([pathlib.Path(beside).parent] if beside else [])]
    found = {
        path.resolve(): RunFolder(path.parent)
        for folder in folders
        for pattern in ("*/config.json", "*/*/config.json")
        for path in folder.glob(pattern)
    }
    runs = [
        run for run in found.values() if run.finished and run.best_weights.is_file()
    ]
    return sorted(runs, key=lambda run: run.metrics.stat().st_mtime, reverse=True)
