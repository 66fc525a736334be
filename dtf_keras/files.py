"""Files that are written whole or not at all; every floor may use them."""

import json
import os
import pathlib
import tempfile


def write_json(path, value):
    """Writes a JSON file, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path, text):
    """Writes a text file (UTF-8), whole or not at all."""
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline=""))


def write_whole(path, write):
    """Calls `write` with a path beside `path`, then moves that file there.

    The path given to `write` ends like `path`, for writers that go by that.
    """
    path = pathlib.Path(path)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as folder:
        part = pathlib.Path(folder) / path.name
        write(part)
        os.replace(part, path)
