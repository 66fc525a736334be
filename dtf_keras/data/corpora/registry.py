"""Corpora by name: `register` them, `load` one split of one."""

import dataclasses
import inspect
from collections.abc import Callable

from dtf_keras.data.corpora.facts import CorpusFacts
from dtf_keras.words import unknown


@dataclasses.dataclass(frozen=True)
class _Registered:
    load: Callable
    facts: CorpusFacts


_CORPORA = {}


def register(name, facts=None):
    """Decorates a function `(split, **options) -> Corpus` that `load` finds by `name`.

    Its options must have defaults; its docstring describes the corpus.

    Args:
        name: str.
        facts: `CorpusFacts`; by default those of recordings of which nothing else is
            known.

    Raises:
        ValueError: the name is taken.
    """

    def decorate(loader):
        if name in _CORPORA:
            raise ValueError(f"A corpus named {name!r} is registered already.")
        _CORPORA[name] = _Registered(loader, facts or CorpusFacts())
        return loader

    return decorate


def list_corpora():
    """The names of all registered corpora, sorted."""
    return sorted(_CORPORA)


def facts(name):
    """What a corpus is: its `CorpusFacts`.

    Of `packed` they say what holds of any packed file. `corpus.facts` of a loaded
    corpus are those of the corpus inside.

    Raises:
        ValueError: no such corpus.
    """
    return _find(name).facts


def options(name):
    """Names of the options with which a corpus is loaded.

    Raises:
        ValueError: no such corpus.
    """
    parameters = inspect.signature(_find(name).load).parameters
    return [option for option in parameters if option != "split"]


def load(name, split, shard=None, **given):
    """Loads one split of a registered corpus.

    Example:

    >>> train = load("fingerspelling", "train", frame_size=32, num_clips=64)
    >>> train.frames(0).shape[1:]
    (32, 32, 3)

    Args:
        name: one of `dtf_keras.data.list()`.
        split: "train", "dev" or "test".
        shard: "3/16" for the third of sixteen parts of the clips, to pack it apart from
            the others (`pack.py --shard`); all of them by default.
        **given: options of that corpus, as its function documents them.

    Returns:
        `Corpus`, validated: clips have frames and known glosses. Whether they are long
        enough for a model `Corpus.for_model` checks.

    Raises:
        ValueError: no such corpus, split, option or part.
    """
    registered = _find(name)
    known = options(name)
    for option in given:
        if option not in known:
            raise ValueError(unknown(f"option of {name}", option, known))
    if shard is not None and "shard" in known:
        given["shard"] = shard  # a loader that leaves the files of other parts alone
    corpus = registered.load(split, **given)
    if shard is not None and corpus.shard is None:
        corpus = corpus.part(shard)
    corpus.facts = _CORPORA.get(corpus.name, registered).facts
    return corpus


def _find(name):
    if name not in _CORPORA:
        raise ValueError(unknown("corpus", name, list_corpora()))
    return _CORPORA[name]
