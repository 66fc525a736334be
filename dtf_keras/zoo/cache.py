"""Presets that were downloaded: one folder each, whole or absent."""

import contextlib
import hashlib
import os
import shutil

from dtf_keras import locks
from dtf_keras.files import set_aside, write_whole
from dtf_keras.words import tell
from dtf_keras.zoo.places import downloads
from dtf_keras.zoo.preset import METADATA, parse_metadata, read_preset
from dtf_keras.zoo.problems import HashMismatchError, NewerFormatError, PresetError


def cached_path(kind, address):
    """Where a preset of that address is, or will be, in the cache.

    Args:
        kind: "zoo" (by name; the address is the name), "web" or "hub".
        address: str.
    """
    if kind == "zoo":
        return downloads() / kind / address
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    return downloads() / kind / f"{address.rstrip('/').split('/')[-1]}-{digest}"


def read_cached(path):
    """The preset in a folder of the cache, its files checked; `None` if there is none.

    Raises:
        PresetError: it is damaged and set aside, so that it is downloaded anew; or a
            newer version of this package downloaded it, and it stays.
    """
    if not os.path.isdir(path):
        return None
    try:
        return read_preset(path)
    except NewerFormatError:
        raise
    except PresetError as error:
        raise PresetError(
            f"{error} It was in the cache and is kept as {set_aside(path)}: the next "
            "call gets it again."
        ) from error


def download(path, source, say=tell, metadata_sha256=None):
    """Downloads a preset into the cache, unless another process has just done so.

    Args:
        path: its folder, of `cached_path`.
        source: `WebFolder` or `HubRepository`.
        say: function that shows a line of text.
        metadata_sha256: of `metadata.json`, where an index tells.

    Returns:
        `Preset`.

    Raises:
        DownloadError: it cannot be had; what came is kept for the next call.
        PresetError: what came is not what the metadata lists; nothing is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(path, say):
        preset = read_cached(path)
        if preset:
            return preset
        say(f"{source.where} -> {path}")
        part = path.with_name(f".{path.name}.part")
        try:
            _fill(part, source, say, metadata_sha256)
            read_preset(part)
        except PresetError:
            shutil.rmtree(part, ignore_errors=True)
            raise
        os.replace(part, path)
    return read_preset(path)


def _fill(part, source, say, metadata_sha256):
    content = source.metadata()
    where = f"{source.where}/{METADATA}"
    if metadata_sha256:
        got = hashlib.sha256(content).hexdigest()
        if got != metadata_sha256:
            expected = f"sha256 {metadata_sha256}"
            raise HashMismatchError(where, expected, got, "Nothing was kept.")
    metadata = parse_metadata(content, where)
    if part.is_dir() and (
        not (part / METADATA).is_file() or (part / METADATA).read_bytes() != content
    ):
        shutil.rmtree(part)  # the beginning of another version
    part.mkdir(exist_ok=True)
    write_whole(part / METADATA, lambda file: file.write_bytes(content))
    for name, facts in metadata["files"].items():
        if not (part / name).is_file():
            source.fetch(name, part / name, facts, say)
    for extra in part.iterdir():  # notes of the hub's library
        if extra.name in (METADATA, *metadata["files"]):
            continue
        shutil.rmtree(extra) if extra.is_dir() else extra.unlink()


@contextlib.contextmanager
def _lock(path, say):
    lock = locks.take(
        path.with_name(f".{path.name}.lock"),
        wait=lambda: say(f"Another process is getting {path.name}; waiting for it."),
    )
    try:
        yield
    finally:
        lock.release()
