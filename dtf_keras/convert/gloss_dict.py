"""Glosses in the order of a published network's classes."""

import collections
import pathlib
import pickle

import numpy as np

from dtf_keras.data import Vocabulary

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
    try:
        return Vocabulary(_by_class(_read_object(path))).glosses
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


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
                f"The entry {gloss!r}: {about!r} is no gloss with [class, count]."
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
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
            _, _, dtype = read(file)
            if not dtype.hasobject:
                raise _Refused(f"an array of {dtype}")
            made = _Reader(file).load()
        if not isinstance(made, _Thing) or made.name not in _ARRAYS:
            raise _Refused(f"no array but {made!r}")
        _, _, _, _, (content,) = made.state
        _require_plain(content)
        return content
    except _Refused as refused:
        raise ValueError(
            f"The file holds {refused}, where one dict of strings and numbers was "
            "expected; nothing in it was executed."
        ) from None
    except Exception as error:  # whatever bytes that are no pickle lead to
        raise ValueError(
            "The file is no .npy file of one dict, or is cut off "
            f"({type(error).__name__} while reading it)."
        ) from error


class _Refused(Exception):
    """A pickle asks for something that is neither plain nor numpy's array."""


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


class _Reader(pickle.Unpickler):
    """Reads a pickle of an object array; finds none of the names in it."""

    def find_class(self, module, name):
        if f"{module}.{name}" not in _NAMES:
            raise _Refused(f"{module}.{name}")
        return _Thing(f"{module}.{name}")

    def persistent_load(self, _):
        raise _Refused("something that lies elsewhere")


def _require_plain(value):
    """Refuses what is, or holds, more than plain dicts, lists, strings, numbers."""
    waiting, seen = [value], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list | tuple):
            if id(value) not in seen:
                seen.add(id(value))
                waiting += value
                waiting += value.values() if isinstance(value, dict) else ()
        elif not isinstance(value, str | int | float | None):
            is_named = isinstance(value, _Thing)
            raise _Refused(value.name if is_named else type(value).__name__)
