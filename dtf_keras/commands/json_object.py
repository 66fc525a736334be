"""JSON objects as values of flags."""

import json
from typing import Any

import tyro


def registry():
    """tyro's rules, and one more: a `dict[str, Any]` is given as a JSON object."""
    rules = tyro.constructors.ConstructorRegistry()
    rules.primitive_rule(_json_object)
    return rules


def _json_object(info):
    if info.type != dict[str, Any]:
        return None
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="JSON",
        instance_from_str=lambda words: _parse_object(words[0]),
        is_instance=lambda value: isinstance(value, dict),
        str_from_instance=lambda value: [json.dumps(value)],
    )


def _parse_object(text):
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object such as '{{\"k\": 8}}', not {text}")
    return value
