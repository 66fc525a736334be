"""Files that are written whole or not at all; every floor may use them."""

import json
import os
import pathlib
import shutil
import tempfile

from dtf_keras.words import LINES, printable

_PACKAGE = pathlib.Path(__file__).parent

CACHE = "DTF_KERAS_CACHE"
"""The variable that names the folder of whatever can be made or downloaded again."""


def cache_folder(chosen=None):
    """`chosen`, else `$DTF_KERAS_CACHE`, else `~/.cache/dtf_keras`, as a path."""
    chosen = chosen or os.environ.get(CACHE) or "~/.cache/dtf_keras"
    return pathlib.Path(chosen).expanduser()


def own_zoo():
    """The zoo that came with the package: in the wheel, or beside a checkout's code."""
    in_wheel = _PACKAGE / "_zoo"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / "zoo"


def write_json(path, value):
    """Writes a JSON file, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(path, text):
    """Writes a text file (UTF-8), whole or not at all; what is no sign as an escape."""
    text = printable(text, keep=LINES)
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


def write_folder_whole(path, write, replace=False):
    """Calls `write` with an empty folder beside `path`, then moves that there.

    Args:
        path: the folder.
        write: function of the path of a folder, which it fills.
        replace: whether a folder that is there may be replaced.

    Raises:
        FileExistsError: `path` holds something, or is a file, and `replace` is not set.
    """
    path = pathlib.Path(path)
    if not replace:
        require_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as folder:
        part, old = pathlib.Path(folder) / path.name, pathlib.Path(folder) / "old"
        part.mkdir()
        write(part)
        if path.exists():
            os.replace(path, old)
        os.replace(part, path)
        shutil.rmtree(old, ignore_errors=True)


def set_aside(path):
    """Moves what is damaged to `path` + `.damaged`, or `.damaged-2` and so on.

    Returns:
        Where it is now.
    """
    path = pathlib.Path(path)
    aside, number = path.with_name(f"{path.name}.damaged"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    os.replace(path, aside)
    return aside


def require_new(path):
    """Checks that a folder can be written.

    Raises:
        FileExistsError: it exists and is not empty, or is a file.
    """
    path = pathlib.Path(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(f"{path} exists and is not empty: choose a new folder.")
