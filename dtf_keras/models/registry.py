"""The table of models: a decorated network function and a typed config each."""

import dataclasses
from collections.abc import Callable

from dtf_keras.models.config import ModelConfig
from dtf_keras.words import unknown


@dataclasses.dataclass(frozen=True)
class ModelEntry:
    """A registered model.

    Attributes:
        name: zoo name.
        network: `(inputs, config) -> heads`. `inputs` is a dict with the KerasTensor
            `video` `[B, T, H, W, 3]`, pixels 0..1, with a mask; the heads are a dict of
            names to logits `[B, T', V]` with masks, `logits` among them, or these
            alone.
        config: the typed config class.
        composition: the layers in words.
        source: key of where it comes from in `dtf_keras.models.sources`; `None`: ours.
        row: what it is called there.
        ours: what of it is our own, where the source does not say, in a sentence or
            two.
        parameters: dict of V, classes, to the number of trainable parameters there.
        input: how recorded video is made ready for it, where not as `InputFormat`
            does: its fields `crop` and `resize`.
    """

    name: str
    network: Callable
    config: type[ModelConfig]
    composition: str
    source: str | None = None
    row: str | None = None
    ours: str | None = None
    parameters: dict[int, int] = dataclasses.field(default_factory=dict)
    input: dict = dataclasses.field(default_factory=dict)


_MODELS: dict[str, ModelEntry] = {}


def register(config, composition, **facts):
    """Decorator: puts a network function into the table under its own name.

    Args:
        config: class of its config.
        composition: the layers in words.
        **facts: `source`, `row`, `ours`, `parameters` and `input` of `ModelEntry`.
    """

    def add(network):
        name = network.__name__
        if name in _MODELS:
            raise ValueError(f"A model named {name!r} is registered already.")
        _MODELS[name] = ModelEntry(name, network, config, composition, **facts)
        return network

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
        raise ValueError(unknown("model", name, names()))
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
            raise ValueError(unknown("option", option, known, of=f"model {name!r}"))
    return config(**options)


def choices(name):
    """The options of model `name` that a search may set: dict of name to its values."""
    fields = dataclasses.fields(entry(name).config)
    found = {field.name: field.metadata.get("choices") for field in fields}
    return {option: values for option, values in found.items() if values}
