"""Glosses in the order of a published network's classes."""

import collections
import pathlib

import numpy as np

from dtf_keras.damage import damage_as, reason
from dtf_keras.data import Vocabulary
from dtf_keras.plain_pickle import (
    PlainUnpickler,
    Refused,
    one_sentence,
    require_plain,
)
from dtf_keras.words import quoted

_MAGIC = b"\x93NUMPY"


def read_glosses(path):
    """The glosses that a file lists, in the order of classes 1 .. V-1.

    Nothing in the file is executed.

    Args:
        path: one gloss a line (UTF-8), or `gloss_dict.npy` as published networks have
            it: numpy's file of one pickled dict of glosses, `{gloss: [class, count]}`,
            whose classes are 1 .. V-1.

    Returns:
        A tuple of V-1 strings.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds anything else; the sentence names the file.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return Vocabulary.from_file(path).glosses
    with damage_as(lambda error: ValueError(f"{path}: {reason(error)}")):
        return Vocabulary(_by_class(_read_object(path))).glosses


def _by_class(glosses):
    """The keys of `{gloss: [class, count]}` by class; says what is no such dict."""
    if not isinstance(glosses, dict):
        raise ValueError(
            f"A dict of glosses was expected, not {type(glosses).__name__}."
        )
    classes = {}
    for gloss, about in glosses.items():
        listed = isinstance(about, list | tuple) and about
        if not isinstance(gloss, str) or not listed or type(about[0]) is not int:
            raise ValueError(
                f"The entry {quoted(gloss)}: {quoted(about)} is no gloss with "
                "[class, count]."
            )
        classes[gloss] = about[0]
    numbers = collections.Counter(classes.values())
    wrong = [n for n in range(1, len(classes) + 1) if n not in numbers]
    if wrong:
        twice = [n for n, count in sorted(numbers.items()) if count > 1]
        why = f"class {twice[0]} twice" if twice else f"no class {wrong[0]}"
        raise ValueError(
            f"The classes of {len(classes)} glosses must be 1 to {len(classes)}, each "
            f"once; there is {why}."
        )
    return sorted(classes, key=classes.get)


def _read_object(path):
    """The one object in a `.npy` file.

    Raises:
        ValueError: it is no such file, or holds more than dicts, lists, tuples,
            strings and numbers.
    """
    with one_sentence(".npy file", "one dict of strings and numbers"):
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
            _, _, dtype = read(file)
            if not dtype.hasobject:
                raise Refused(f"an array of {dtype}")
            made = PlainUnpickler(file, {name: _Thing(name) for name in _NAMES}).load()
        if not isinstance(made, _Thing) or made.name not in _ARRAYS:
            raise Refused(f"no array but {quoted(made)}")
        (content,) = made.state[-1]
        require_plain(content, _name)
        return content


class _Thing:
    """Stands for what a pickle names, and for what calling that would give.

    Nothing is looked up, called or made; what the pickle says of it is kept.
    """

    def __init__(self, name):
        self.name = name
        self.state = None

    def __call__(self, *_):
        return _Thing(self.name)

    def __setstate__(self, state):
        self.state = state

    def __repr__(self):
        return self.name


_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")  # of numpy 1 and 2
_ARRAYS = {f"{core}._reconstruct" for core in _CORES}
_NAMES = _ARRAYS | {"numpy.ndarray", "numpy.dtype", "_codecs.encode"}


def _name(value):
    return value.name if isinstance(value, _Thing) else type(value).__name__
