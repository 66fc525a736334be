"""What is known of a preset beside its weights, and its `metadata.json`."""

import dataclasses
import datetime
import math

from dtf_keras import models
from dtf_keras.words import unknown
from dtf_keras.zoo.problems import PresetError
from dtf_keras.zoo.upgrade import FORMAT


@dataclasses.dataclass(frozen=True)
class PresetDetails:
    """How weights came to be and what they are worth; whatever is unknown is `None`."""

    recipe: str | None = None
    """Name of the training recipe."""
    corpus: str | None = None
    """Corpus it was trained on."""
    corpus_version: str | None = None
    """Version of the corpus."""
    corpus_license: str | None = None
    """Licence of the corpus."""
    seed: int | None = None
    """Seed of the training run."""
    settings: dict = dataclasses.field(default_factory=dict)
    """All settings of the training run."""
    settings_format: int | None = None
    """Number of the format that the settings are in."""
    initial_weights: dict | None = None
    """What training started from, if not from fresh weights: `from` (a recipe, with the
    preset that stood in for a run of it, or the name of a run, preset or file),
    `sha256`, `loaded` (layers), and `fresh` (layers that did not load, and why)."""
    wer: dict[str, dict] = dataclasses.field(default_factory=dict)
    """Of each split: `wer` in percent, `substitutions`, `deletions`, `insertions` and
    `reference_glosses`, as `evaluation.WordErrors.to_dict` gives them; of characters
    `wer` is the CER, and there is more, as `evaluation.CharacterErrors` gives it."""
    seeds: tuple[dict, ...] = ()
    """Runs that differ in the seed alone, this one among them: `seed`, and WER in
    percent of `dev` and `test`."""
    unseen: dict[str, dict] = dataclasses.field(default_factory=dict)
    """Word errors on signers that training did without, each as in `wer`: `agreeing`
    and `all` of each held-out language, on words of the letters on which the languages
    agree and of all, and the splits of `fingerspelling_si`; what was measured."""
    decoder: str | None = None
    """What made glosses of the logits when the WER was measured."""
    scoring: str | None = None
    """What was done to glosses before they were compared."""
    license: str | None = None
    """Licence of the weights (SPDX)."""
    limits: tuple[str, ...] = ()
    """What a user must know before relying on it, a sentence each."""
    source_recipes: tuple[str, ...] | None = None
    """Recipes of `models.reported(model)` that this preset re-builds; `None`: all."""
    made_with: dict = dataclasses.field(default_factory=dict)
    """Backend and versions of the libraries."""


def make_metadata(name, model, details, stored_as):
    """All of `metadata.json` but the list of files.

    Args:
        name: of the preset.
        model: model of the zoo.
        details: `PresetDetails`.
        stored_as: dtype of the weights in the file.

    Raises:
        PresetError: a recipe of which nothing is reported.
    """
    said = dataclasses.asdict(details)
    return {
        "format": FORMAT,
        "name": name,
        "model": model.name,
        "recipe": said["recipe"],
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "license": said["license"],
        "parameters": sum(math.prod(w.shape) for w in model.trainable_weights),
        "all_parameters": model.count_params(),
        "stored_as": stored_as,
        "training": {
            "corpus": said["corpus"],
            "corpus_version": said["corpus_version"],
            "corpus_license": said["corpus_license"],
            "seed": said["seed"],
            "settings": said["settings"],
            "settings_format": said["settings_format"],
            "initial_weights": said["initial_weights"],
        },
        "wer": said["wer"],
        "seeds": sorted(said["seeds"], key=lambda run: run["seed"]),
        "unseen": said["unseen"],
        "decoder": said["decoder"],
        "scoring": said["scoring"],
        "source_recipes": _source_recipes(model.name, details.source_recipes),
        "limits": list(said["limits"]),
        "made_with": said["made_with"],
    }


def _source_recipes(model_name, given):
    known = [*dict.fromkeys(one.recipe for one in models.reported(model_name))]
    for recipe in given or ():
        if recipe not in known:
            what = f"reported figure of {model_name} by a recipe"
            raise PresetError(unknown(what, recipe, known))
    return known if given is None else [*given]
