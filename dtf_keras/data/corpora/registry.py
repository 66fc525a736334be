"""Corpora by name: `register` them, `load` one split of one."""

import difflib
import inspect

_LOADERS = {}


def register(name):
    """Decorates a function `(split, **options) -> Corpus` that `load` finds by `name`.

    Its options must have defaults; its docstring describes the corpus.

    Raises:
        ValueError: the name is taken.
    """

    def decorate(loader):
        if name in _LOADERS:
            raise ValueError(f"A corpus named {name!r} is registered already.")
        _LOADERS[name] = loader
        return loader

    return decorate


def list_corpora():
    """The names of all registered corpora, sorted."""
    return sorted(_LOADERS)


def load(name, split, **options):
    """Loads one split of a registered corpus.

    Example:

    >>> train = load("fingerspelling", "train", frame_size=32, num_clips=64)
    >>> train.frames(0).shape[1:]
    (32, 32, 3)

    Args:
        name: one of `dtf_keras.data.list()`.
        split: "train", "dev" or "test".
        **options: of that corpus, as its function documents them.

    Returns:
        `Corpus`, validated: every training clip is long enough for its labels.

    Raises:
        ValueError: no such corpus, split or option.
    """
    if name not in _LOADERS:
        close = difflib.get_close_matches(name, _LOADERS) or list_corpora()
        raise ValueError(f"No corpus is named {name!r}; try {', '.join(close)}.")
    loader = _LOADERS[name]
    parameters = inspect.signature(loader).parameters
    known = [option for option in parameters if option != "split"]
    for option in options:
        if option not in known:
            raise ValueError(
                f"{name} has no option {option!r}; it has {', '.join(known)}."
            )
    return loader(split, **options)
