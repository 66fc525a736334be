"""The table of models: a decorated builder function and a typed config each."""

import dataclasses
import difflib
from collections.abc import Callable

from dtf_keras.models.config import ModelConfig


@dataclasses.dataclass(frozen=True)
class SourceRow:
    """The row of the source project that a model re-builds.

    Attributes:
        row: name of the row and its recipe there.
        wer: dev WER on PHOENIX-2014 in percent, by recipe, as the source reports it;
            nothing of it was measured here.
        parameters: trainable parameters at V = 1237, read off the source's logs.
    """

    row: str
    wer: dict[str, float]
    parameters: int


@dataclasses.dataclass(frozen=True)
class ModelEntry:
    """A registered model.

    Attributes:
        name: zoo name.
        build: `(features, config) -> features`: KerasTensor `[B, T, D]` with a mask to
            `[B, T', F]` with a mask; the backbone before it and the classifier after
            it are the same for all models.
        config: the typed config class.
        composition: the layers in words.
        source: the row of the source.
    """

    name: str
    build: Callable
    config: type[ModelConfig]
    composition: str
    source: SourceRow


_MODELS: dict[str, ModelEntry] = {}


def register(config, composition, source):
    """Decorator: puts a builder function into the table under its own name."""

    def add(build):
        name = build.__name__
        if name in _MODELS:
            raise ValueError(f"A model named {name!r} is registered already.")
        _MODELS[name] = ModelEntry(name, build, config, composition, source)
        return build

    return add


def names():
    """Names of all registered models, in the order of their numbers."""
    return sorted(_MODELS, key=lambda name: (len(name), name))


def entry(name):
    """The `ModelEntry` of `name`.

    Raises:
        ValueError: if there is none; names the closest ones.
    """
    if name not in _MODELS:
        raise ValueError(f"There is no model {name!r}. {_closest(name, names())}")
    return _MODELS[name]


def make_config(name, **options):
    """The config of model `name` with `options` set.

    Raises:
        ValueError: on an unknown model or an option the model does not have.
    """
    config = entry(name).config
    known = [field.name for field in dataclasses.fields(config)]
    for option in options:
        if option not in known:
            raise ValueError(
                f"Model {name!r} has no option {option!r}. {_closest(option, known)}"
            )
    return config(**options)


def choices(name):
    """The options of model `name` that a search may set: dict of name to its values."""
    fields = dataclasses.fields(entry(name).config)
    return {f.name: f.metadata["choices"] for f in fields if "choices" in f.metadata}


def _closest(word, words):
    close = difflib.get_close_matches(word, words, n=3, cutoff=0.5)
    close = close or [known for known in words if known.endswith(f"_{word}")]
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    return f"{hint}Available: {', '.join(words)}."
