"""Pickles of plain values, read without executing what is in them; for every floor.

A pickle may name functions and classes, which the usual reader looks up and calls. Here
no name is looked up: what a file may ask for has a stand-in, and all else is refused.
"""

import contextlib
import numbers
import pathlib
import pickle

from dtf_keras.pickled_numbers import STAND_INS


class Refused(Exception):
    """A pickle asks for something that is not plain; the text names it."""


class PlainUnpickler(pickle.Unpickler):
    """Reads a pickle, in which it finds stand-ins alone.

    Args:
        file: opened for bytes, at the beginning of a pickle.
        stand_ins: dict of names, such as "numpy.dtype", to what stands for them.
    """

    def __init__(self, file, stand_ins):
        super().__init__(file)
        self._stand_ins = stand_ins

    def find_class(self, module, name):
        name = f"{module}.{name}"
        if name not in self._stand_ins:
            raise Refused(name)
        return self._stand_ins[name]

    def persistent_load(self, _):
        raise Refused("something that lies elsewhere")


def read_plain_pickle(path, expected):
    """The one object in a file: dicts, lists, tuples, strings and numbers.

    Numbers of numpy are numbers.

    Args:
        path: the file.
        expected: what it should be, for people.

    Raises:
        ValueError: it holds anything else, or is no pickle; the sentence names the
            file.
    """
    stand_ins = {name: stand_in for stand_in, name in STAND_INS}
    path = pathlib.Path(path)
    try:
        with one_sentence("pickle", expected), path.open("rb") as file:
            value = PlainUnpickler(file, stand_ins).load()
            require_plain(value)
            return value
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def require_plain(value, name_of=lambda value: type(value).__name__):
    """Checks that a value is, and holds, plain dicts, lists, tuples, strings, numbers.

    Args:
        value: of any type.
        name_of: function from a value that is not plain to its name, for people.

    Raises:
        Refused: it is not.
    """
    waiting, seen = [value], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list | tuple):
            if id(value) not in seen:
                seen.add(id(value))
                waiting += value
                waiting += value.values() if isinstance(value, dict) else ()
        elif not isinstance(value, str | numbers.Real | None):
            raise Refused(name_of(value))


@contextlib.contextmanager
def one_sentence(kind, expected):
    """Makes whatever goes wrong while a pickle is read one sentence, a `ValueError`.

    Args:
        kind: of the file, for people: "pickle".
        expected: what it should hold, for people.
    """
    try:
        yield
    except Refused as refused:
        raise ValueError(
            f"The file holds {refused}, where {expected} was expected; nothing in it "
            "was executed."
        ) from None
    except OSError:
        raise
    except Exception as error:  # whatever bytes that are no pickle lead to
        raise ValueError(
            f"The file is no {kind} of {expected}, or is cut off "
            f"({type(error).__name__} while reading it)."
        ) from error
