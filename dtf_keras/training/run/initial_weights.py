"""The weights that a run starts from: another run's, a preset's, a recipe's."""

import dataclasses
import hashlib
import pathlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.data import Vocabulary
from dtf_keras.models.layer_paths import class_layers, named_layers
from dtf_keras.training.recipes.recipe import RECIPE_PREFIX
from dtf_keras.training.recipes.trained_weights import (
    RUNS,
    find_preset,
    find_run,
    fit_command,
)
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.run.layer_names import layers_matching, matches_within
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell
from dtf_keras.zoo import PresetError
from dtf_keras.zoo.preset import GLOSSES, WEIGHTS
from dtf_keras.zoo.weights_file import load_by_layer


@dataclasses.dataclass(frozen=True)
class InitialWeights:
    """Where a run's initial weights are."""

    path: pathlib.Path
    """The weights file."""
    preset: str | None = None
    """The zoo's preset that stands in for a run of the recipe."""


def find_weights(config, vocabulary, beside=None):
    """The weights that a config's `init_from` means.

    `recipe:NAME` is the latest finished run of that recipe, on the same corpus with the
    same width, frame size and number of clips, in `runs/` or beside the new run; its
    seed and how long and how fast it learnt may be others. Without one it is the
    package's preset that was trained by that recipe, on the same corpus with the same
    width, frame size and glosses.

    Args:
        config: `RunConfig` with `init_from`.
        vocabulary: the run's `Vocabulary`.
        beside: path of the new run's folder.

    Returns:
        `InitialWeights`.

    Raises:
        FileNotFoundError: nothing is there; says how to make it.
        SettingError: no such recipe.
    """
    if config.init_from.startswith(RECIPE_PREFIX):
        name = config.init_from.removeprefix(RECIPE_PREFIX)
        return _of_recipe(name, config, vocabulary, beside)
    path = pathlib.Path(config.init_from)
    if path.is_file():
        return InitialWeights(path)
    return InitialWeights(weights_at(path, "--init-from"))


def weights_at(folder, flag):
    """The weights file of a run folder or a preset folder.

    Args:
        folder: its path.
        flag: that named it, for the message.

    Raises:
        FileNotFoundError: there is none.
    """
    for weights in (RunFolder(folder).best_weights, folder / WEIGHTS):
        if weights.is_file():
            return weights
    raise FileNotFoundError(
        f"{flag} {folder}: there are no weights; give a run folder (with "
        f"{RunFolder(folder).best_weights.name}), a preset folder (with {WEIGHTS}) or "
        "a .weights.h5 file."
    )


def digest(content):
    """The sha256 of bytes, as text."""
    return hashlib.sha256(content).hexdigest()


def require_nothing_fresh_frozen(model, config, found, path):
    """Checks that no layer is frozen that the weights to start from do not have.

    Args:
        model: the run's model, its frozen layers frozen.
        config: `RunConfig`.
        found: `LoadedLayers` of the weights.
        path: of the weights, for the message.

    Raises:
        SettingError: a frozen layer stays fresh.
    """
    layers = dict(named_layers(model))
    for layer, why in found.fresh.items():
        if config.freeze and not layers[layer].trainable:
            raise SettingError(
                f"{layer} is to be frozen, but {path} has no weights for it "
                f"({why}): freeze only layers that are loaded."
            )


def start_from(model, config, weights, vocabulary, say=tell):
    """Loads a run's initial weights, layer by layer, and says what was loaded.

    Args:
        model: the run's model, its frozen layers frozen.
        config: `RunConfig`.
        weights: `InitialWeights`. If the `glosses.txt` beside the file has other
            glosses than the run, the layers that depend on them are left out.
        vocabulary: the run's `Vocabulary`.
        say: function that shows a line of text.

    Returns:
        JSON-able dict: the file, its sha256, what was and was not loaded, and the
        preset, if one stands in for a run.

    Raises:
        SettingError: a damaged file, nothing of it fits the model, or a frozen layer
            stays fresh.
    """
    path, preset = weights.path, weights.preset
    for pattern in config.init_layers:
        layers_matching(model, pattern, "init_layers")
    glosses = path.with_name(GLOSSES)
    with damage_as(lambda error: SettingError(reason(error))):
        others = glosses.is_file() and Vocabulary.from_file(glosses) != vocabulary
    of_classes = class_layers(model) if others else ()

    def leave(layer):
        if not any(matches_within(layer, one) for one in config.init_layers):
            return "not asked for"
        return "other glosses" if layer in of_classes else None

    try:
        found = load_by_layer(model, path, leave)
    except PresetError as error:
        raise SettingError(str(error)) from error
    if preset:
        say(f"{RUNS} has no run to start from: taking the zoo's preset {preset}.")
    say(f"Starting from {path}:\n{found}")
    if not found.loaded:
        raise SettingError(
            f"{path}: none of its layers fits {config.model} as it is set here: give "
            "the --width that it was trained with, or other --init-layers."
        )
    require_nothing_fresh_frozen(model, config, found, path)
    return {
        "path": str(path),
        "sha256": digest(path.read_bytes()),
        **dataclasses.asdict(found),
        **({"preset": preset} if preset else {}),
    }


def _of_recipe(name, config, vocabulary, beside):
    run, near = find_run(name, config, beside)
    if run:
        return InitialWeights(run.best_weights)
    preset = find_preset(name, config, vocabulary)
    if preset:
        return InitialWeights(preset.weights, preset.name)
    hint = ""
    if near:
        path, settings = next(iter(near.items()))
        hint = f" ({path} has another {' and '.join(settings)})"
    raise FileNotFoundError(
        f"This run starts from the weights of the recipe {name}, and {RUNS} holds no "
        f"finished run of it on {config.data}{hint}, nor the zoo a preset that fits: "
        f"train one with `{fit_command(name, config)}`, or give weights with "
        "--init-from."
    )
