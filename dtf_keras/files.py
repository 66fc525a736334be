"""Files that are written whole or not at all; every floor may use them."""

import contextlib
import errno
import functools
import json
import os
import pathlib
import re
import shutil
import tempfile
import time

from dtf_keras import locks
from dtf_keras.words import LINES, printable, tell

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


_NOT_KEPT = set()  # folders of which it was said


def say_not_kept(folder, error, say=tell):
    """Says once that what can be made again is not kept.

    Args:
        folder: the `cache_folder`.
        error: the `OSError` that says why.
        say: function that shows a line of text.
    """
    if str(folder) not in _NOT_KEPT:
        _NOT_KEPT.add(str(folder))
        told = os.strerror(error.errno) if error.errno else error
        say(
            f"What is read and drawn cannot be kept in {folder} ({told}): it goes on "
            f"without, and is slower. Choose another folder with {CACHE}."
        )


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
    with written(path), _part_folder(path.parent) as folder:
        part = folder / _NEW / path.name
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
    with written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _part_folder(path.parent) as folder:
            part = folder / _NEW / path.name
            part.mkdir()
            write(part)
            try:
                if path.exists():
                    os.replace(path, folder / _OLD / path.name)
                os.replace(part, path)
            finally:
                _put_back(folder)


class WriteError(OSError):
    """A file that cannot be written, and why; the sentence names it."""

    def __str__(self):
        return f"{self.strerror}."


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""What the operating system says of writing alone: full, or read-only."""


@contextlib.contextmanager
def written(path, numbers=None, advice="make room there, or write elsewhere"):
    """Within it, what the operating system says while `path` is written names that.

    Args:
        path: the file or folder.
        numbers: those of the errors that are meant; all by default.
        advice: the end of the sentence.

    Raises:
        WriteError: the disk is full, read-only, or whatever else it says.
    """
    try:
        yield
    except WriteError:
        raise
    except (OSError, RuntimeError) as error:  # HDF5 has its number in the text
        number = getattr(error, "errno", None)
        if number is None and (found := re.search(r"errno = (\d+)", str(error))):
            number = int(found[1])
        if number is None or number not in (numbers or [number]):
            raise
        raise WriteError(
            number, f"{path} cannot be written ({os.strerror(number)}): {advice}"
        ) from error


_PART, _LOCK, _NEW, _OLD = ".part-", "lock", "new", "old"
_NEW_SECONDS = 10  # in which a process surely locks what it made


@contextlib.contextmanager
def _part_folder(parent):
    """A folder in `parent`, with `_NEW` and `_OLD` in it, that goes when it is left.

    Of a process that is killed it goes when the next one writes there.
    """
    _sweep(os.path.abspath(parent))
    with tempfile.TemporaryDirectory(prefix=_PART, dir=parent) as folder:
        folder = pathlib.Path(folder)
        lock = locks.take(folder / _LOCK)
        try:
            (folder / _NEW).mkdir()
            (folder / _OLD).mkdir()
            yield folder
        finally:
            lock.release()


@functools.lru_cache
def _sweep(parent):
    """Removes what processes left in a folder that were killed while they wrote.

    What a living process has is locked, and stays; so does what is too new to be
    locked for sure.
    """
    for mark in pathlib.Path(parent).glob(f"{_PART}*/{_LOCK}"):
        with contextlib.suppress(OSError):
            if time.time() - mark.stat().st_mtime < _NEW_SECONDS:
                continue
            lock = locks.take(mark)
            if lock.is_locked:
                _put_back(mark.parent)
                lock.release()
                shutil.rmtree(mark.parent)


def _put_back(folder):
    """Gives back its place to what was to be replaced, unless that was done."""
    for old in (folder / _OLD).iterdir():
        if not (place := folder.parent / old.name).exists():
            os.replace(old, place)


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
