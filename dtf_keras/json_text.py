"""JSON of others, read: what may be wrong with it is decided here; for every floor."""

import json

from dtf_keras.damage import damage_as, reason

DEEPEST = 100  # lists and objects within one another


def parse_json(content):
    """The value in JSON text.

    Args:
        content: bytes in UTF-8, or a string.

    Raises:
        ValueError: it is no JSON, nests too deep, or has text that cannot be written;
            the sentence begins with "it".
    """
    with damage_as(lambda error: ValueError(f"it is no JSON ({reason(error)})")):
        if isinstance(content, bytes):
            content = content.decode("utf-8-sig")
        value = json.loads(content)
        _require_shallow(value)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot
    return value


def parse_object(content):
    """As `parse_json`, of a JSON object: a dict."""
    value = parse_json(content)
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    return value


def _require_shallow(value):
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise ValueError(f"it nests more than {DEEPEST} deep")
