"""What is known of a preset beside its weights, and its `metadata.json`."""

import dataclasses
import datetime
import math

from dtf_keras import models
from dtf_keras.zoo.preset import FORMAT
from dtf_keras.zoo.problems import PresetError


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
    initial_weights: dict | None = None
    """What training started from, if not from fresh weights: `from` (a recipe, with the
    preset that stood in for a run of it, or the name of a run, preset or file),
    `sha256`, `loaded` (layers), and `fresh` (layers that did not load, and why)."""
    wer: dict[str, dict] = dataclasses.field(default_factory=dict)
    """Of each split: `wer` in percent, `substitutions`, `deletions`, `insertions` and
    `reference_glosses`, as `evaluation.WordErrors.to_dict` gives them."""
    seeds: tuple[dict, ...] = ()
    """Runs that differ in the seed alone, this one among them: `seed`, and WER in
    percent of `dev` and `test`."""
    decoder: str | None = None
    """What made glosses of the logits when the WER was measured."""
    scoring: str | None = None
    """What was done to glosses before they were compared."""
    license: str | None = None
    """Licence of the weights (SPDX)."""
    limits: tuple[str, ...] = ()
    """What a user must know before relying on it, a sentence each."""
    source_recipes: tuple[str, ...] | None = None
    """Recipes of the model's row in the source that this preset re-builds; `None`: all
    of the row."""
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
        PresetError: a recipe that the model's row in the source does not have.
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
            "initial_weights": said["initial_weights"],
        },
        "wer": said["wer"],
        "seeds": sorted(said["seeds"], key=lambda run: run["seed"]),
        "decoder": said["decoder"],
        "scoring": said["scoring"],
        "source": _source(model.name, details.source_recipes),
        "limits": list(said["limits"]),
        "made_with": said["made_with"],
    }


def _source(model_name, recipes):
    source = models.entry(model_name).source
    for recipe in recipes or ():
        if recipe not in source.wer:
            raise PresetError(
                f"The source's row of {model_name} has no recipe {recipe!r}; it has "
                f"{', '.join(source.wer) or 'none'}."
            )
    chosen = source.wer if recipes is None else {r: source.wer[r] for r in recipes}
    return {
        "row": source.row,
        "dev_wer": dict(chosen),
        "about": "percent on PHOENIX-2014, as the source reports it; not measured here",
    }
