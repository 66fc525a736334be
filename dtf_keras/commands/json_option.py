"""Command line options whose value is a JSON object, as tyro reads them."""

import json
from typing import Any

import tyro


def json_registry():
    """Makes tyro read fields of type `dict[str, Any]` from one JSON word."""
    registry = tyro.constructors.ConstructorRegistry()
    registry.primitive_rule(_json_object)
    return registry


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
