"""Whether a value read from JSON can be that of a setting, by the setting's type."""

from typing import Any

_OR_NONE = {int | None: int, str | None: str}
_ITEMS = {tuple[int, ...]: int, tuple[str, ...]: str}
_NAMES = {
    float: "a number",
    int: "a whole number",
    str: "a string",
    dict[str, Any]: "a JSON object",
    tuple[int, ...]: "a list of whole numbers",
    tuple[str, ...]: "a list of strings",
}


def fits(value, kind):
    """Whether a JSON value is of a setting's type.

    Args:
        value: as `json.loads` gives it; a tuple counts as a list.
        kind: annotation of a field of `RunConfig`.
    """
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in _OR_NONE:
        return value is None or fits(value, _OR_NONE[kind])
    if kind in _ITEMS:
        is_list = isinstance(value, list | tuple)
        return is_list and all(fits(item, _ITEMS[kind]) for item in value)
    if kind == dict[str, Any]:
        return isinstance(value, dict)
    if hasattr(kind, "__args__"):
        return value in kind.__args__
    return isinstance(value, kind) and not isinstance(value, bool)


def type_name(kind):
    """The type of a setting in words: "a whole number or null"."""
    if kind in _OR_NONE:
        return f"{type_name(_OR_NONE[kind])} or null"
    if kind in _NAMES:
        return _NAMES[kind]
    return "one of " + ", ".join(kind.__args__)
