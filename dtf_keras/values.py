"""What the value of an option or setting may be; every floor may ask.

Functions that check a value return it as a plain Python number, or raise `ValueError`
with one sentence that names the option. The types of `fits` are those of the fields of
a dataclass, as `typing.get_type_hints` gives them.
"""

import math
import numbers
import types
import typing

from dtf_keras.words import quoted

_ITEMS = {tuple[int, ...]: int, tuple[str, ...]: str, tuple[int, int]: int}
_UNIONS = (types.UnionType, typing.Union)  # the latter where a Literal is in it
_NUMBERS = {float: numbers.Real, int: numbers.Integral}
_NAMES = {
    float: "a number",
    int: "a whole number",
    str: "a string",
    bool: "true or false",
    types.NoneType: "null",
    dict[str, typing.Any]: "a JSON object",
    tuple[int, ...]: "a list of whole numbers",
    tuple[str, ...]: "a list of strings",
    tuple[int, int]: "a pair of whole numbers",
}


def fits(value, kind):
    """Whether a value is of a setting's type.

    Args:
        value: from Python or `json.loads`; a tuple counts as a list.
        kind: the type.
    """
    if typing.get_origin(kind) in _UNIONS:
        return any(fits(value, one) for one in kind.__args__)
    if kind in _ITEMS:
        is_list = isinstance(value, list | tuple)
        if not is_list or (kind == tuple[int, int] and len(value) != 2):
            return False
        return all(fits(item, _ITEMS[kind]) for item in value)
    outer = typing.get_origin(kind) or kind
    if outer is typing.Literal:
        return value in kind.__args__
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, _NUMBERS.get(outer, outer))


def type_name(kind):
    """The type of a setting in words: "a whole number or null"."""
    if typing.get_origin(kind) in _UNIONS:
        return " or ".join(map(type_name, kind.__args__))
    if kind in _NAMES:
        return _NAMES[kind]
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(kind.__args__)
    return str(kind)


def whole_number(name, value, at_least=1):
    """`value` as an int.

    Raises:
        ValueError: it is no whole number from `at_least`.
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not math.isfinite(value) or value % 1 or value < at_least:
        raise ValueError(
            f"{name} must be a whole number from {at_least}. Received: {quoted(value)}."
        )
    return int(value)


def real_number(name, value, *, above=None, at_least=None, at_most=None, below=None):
    """`value` as a float.

    Raises:
        ValueError: it is no finite number, or outside a bound.
    """
    bounds = {
        "above": (above, lambda bound: value > bound),
        "at least": (at_least, lambda bound: value >= bound),
        "at most": (at_most, lambda bound: value <= bound),
        "below": (below, lambda bound: value < bound),
    }
    bounds = {word: one for word, one in bounds.items() if one[0] is not None}
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if (
        not real
        or not math.isfinite(value)
        or not all(holds(bound) for bound, holds in bounds.values())
    ):
        said = " and ".join(f"{word} {bound:g}" for word, (bound, _) in bounds.items())
        raise ValueError(
            f"{name} must be a number{said and f' {said}'}. Received: {quoted(value)}."
        )
    return float(value)


def share(name, value):
    """`value` as a float from 0 to 1; raises `ValueError` for others."""
    return real_number(name, value, at_least=0, at_most=1)


def one_of(name, value, choices):
    """`value`, if it is one of `choices`; raises `ValueError` for others."""
    choices = list(choices)
    if value not in choices:
        said = ", ".join(map(repr, choices))
        raise ValueError(f"{name} must be one of {said}. Received: {quoted(value)}.")
    return value


def size_2d(name, value, at_least=1):
    """Height and width: `112` or `(84, 126)` as `(height, width)`, ints.

    Raises:
        ValueError: it is something else.
    """
    pair = value if isinstance(value, list | tuple) else (value, value)
    if len(pair) != 2:
        raise ValueError(
            f"{name} must be a whole number or a pair (height, width). "
            f"Received: {quoted(value)}."
        )
    return tuple(whole_number(name, one, at_least) for one in pair)


def size_in_words(size):
    """`(height, width)` as a word: "112", or "84x126" where they differ."""
    height, width = size
    return str(height) if height == width else f"{height}x{width}"
