"""Numpy's numbers inside a pickle, read without numpy's own means of making objects.

Trainers leave scalars (a loss) and arrays (the state of numpy's random numbers) in
their files. Pickles name functions of numpy that would make any object; in their place
stand the ones here, which take plain numbers and refuse the rest.
"""

import pickle

import numpy as np

_CODES = {"b1", *(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8))}
_CODES |= {"f2", "f4", "f8"}


class NumberType:
    """Stands for `numpy.dtype`: a plain number and its byte order."""

    def __init__(self, code, *flags):
        if not isinstance(code, str) or code not in _CODES:
            raise pickle.UnpicklingError(f"numpy's type {code!r}, no number")
        self.dtype = np.dtype(code)

    def __setstate__(self, state):
        if not isinstance(state[1], str) or state[1] not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError(f"numpy's type with {state!r}")
        self.dtype = self.dtype.newbyteorder(state[1])


class NumberArray:
    """Stands for `numpy.ndarray`; `numpy.asarray` makes one of it."""

    def __init__(self):
        self._array = None

    def __setstate__(self, state):
        _, shape, kind, by_column, numbers = state
        order = "F" if by_column else "C"
        array = np.frombuffer(numbers, _dtype(kind)).reshape(shape, order=order)
        self._array = array.copy()

    def __array__(self, dtype=None, copy=None):
        if self._array is None:
            raise ValueError("The file names an array without numbers.")
        return self._array if dtype is None else self._array.astype(dtype)


def _new_array(*_):
    return NumberArray()


def _number(kind, number):
    return np.frombuffer(number, _dtype(kind), count=1)[0]


def _dtype(kind):
    if not isinstance(kind, NumberType):
        raise pickle.UnpicklingError(f"numpy's type {kind!r}, no number")
    return kind.dtype


STAND_INS = [
    (NumberType, "numpy.dtype"),
    (NumberArray, "numpy.ndarray"),
    *[
        (function, f"numpy.{core}.multiarray.{name}")
        for core in ("core", "_core")  # of numpy 1 and 2
        for name, function in (("scalar", _number), ("_reconstruct", _new_array))
    ],
]
"""What stands for which name of numpy, as `safe_globals` of torch takes it."""
