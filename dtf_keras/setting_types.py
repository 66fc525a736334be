"""Whether a value can be that of a setting, by the setting's type; every floor may ask.

The types are those of the fields of a config, as `typing.get_type_hints` gives them.
"""

import numbers
import types
import typing

_ITEMS = {tuple[int, ...]: int, tuple[str, ...]: str}
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
}


def fits(value, kind):
    """Whether a value is of a setting's type.

    Args:
        value: from Python or `json.loads`; a tuple counts as a list.
        kind: the type.
    """
    if isinstance(kind, types.UnionType):
        return any(fits(value, one) for one in kind.__args__)
    if kind in _ITEMS:
        is_list = isinstance(value, list | tuple)
        return is_list and all(fits(item, _ITEMS[kind]) for item in value)
    outer = typing.get_origin(kind) or kind
    if outer is typing.Literal:
        return value in kind.__args__
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, _NUMBERS.get(outer, outer))


def type_name(kind):
    """The type of a setting in words: "a whole number or null"."""
    if isinstance(kind, types.UnionType):
        return " or ".join(map(type_name, kind.__args__))
    if kind in _NAMES:
        return _NAMES[kind]
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(kind.__args__)
    return str(kind)
