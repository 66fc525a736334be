"""Types of command line options that tyro does not read by itself."""

import json
from typing import Any

import tyro

from dtf_keras.json_text import parse_json

_AUTO = {"auto": None, "true": True, "false": False}


def option_registry():
    """Makes tyro read `dict[str, Any]` from one JSON word, and `bool | None`."""
    registry = tyro.constructors.ConstructorRegistry()
    registry.primitive_rule(_json_object)
    registry.primitive_rule(_auto_or_bool)
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
    value = parse_json(text)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object such as '{{\"k\": 8}}', not {text}")
    return value


def _auto_or_bool(info):
    if info.type != bool | None:
        return None
    words = {value: word for word, value in _AUTO.items()}
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="{auto,true,false}",
        instance_from_str=lambda given: _AUTO[given[0]],
        is_instance=lambda value: value is None or isinstance(value, bool),
        str_from_instance=lambda value: [words[value]],
        choices=tuple(_AUTO),
    )
