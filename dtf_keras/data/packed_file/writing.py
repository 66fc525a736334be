"""Writes a corpus into one HDF5 file of resized frames: see `packed_file`.

All tables and the room for the frames are made first, in a file of another name. Then
frames are written into their places, and every second, and when packing ends early, how
many clips are safely on the disk. The same call goes on after those. The whole file is
sealed by a checksum of its tables and only then gets its name.
"""

import contextlib
import dataclasses
import os
import pathlib
import time
import zlib

import numpy as np

from dtf_keras import locks
from dtf_keras.data.batches.read_ahead import default_workers, read_ahead
from dtf_keras.data.packed_file.reading import packed_file
from dtf_keras.data.packed_file.shards import (
    keep_checksum,
    kept_checksum,
    sha256_of,
    shard_path,
)
from dtf_keras.data.packed_file.unfinished import (
    UnfinishedFile,
    frame_bytes,
    request_of,
)
from dtf_keras.eta import Eta
from dtf_keras.files import NO_ROOM, set_aside, written
from dtf_keras.values import whole_number
from dtf_keras.words import tell

NOTE_SECONDS = 1.0  # between two notes of how far it came


@dataclasses.dataclass(frozen=True)
class Packed:
    """What was written: `num_frames` in `seconds`, without those written before."""

    path: pathlib.Path
    num_frames: int
    seconds: float
    frame_bytes: int
    """Of one frame in the file."""


def pack(corpora, out, provenance=None, workers=None, say=tell):
    """Packs splits of a corpus into the HDF5 file `out`, or a shard of them into `out`.

    A shard that is there already is left as it is if its checksum is right, and made
    anew if not.

    Args:
        corpora: list of `Corpus`, the splits; with the same vocabulary and format, all
            of them whole, or the same part of each.
        out: path of the file; beside it a file that ends in `.part` while it is made.
            Of a shard the folder, see `packed_file.shards`.
        provenance: JSON-able dict of where the corpus is from, kept in the file.
        workers: int, threads that read clips; by default as in training. At most two
            clips a thread are in memory.
        say: function that shows a line of text.

    Returns:
        `Packed`.

    Raises:
        FileExistsError: `out` exists, or beside it an unfinished file of something
            else; or the shard is there and of something else.
        FileInUseError: another process packs it, or has the unfinished file open.
        OSError: no room on the disk.
        ValueError: as `check_request`, or a clip that cannot be read or packed; the
            sentence names it.
    """
    shard = corpora[0].shard
    splits = [corpus.split for corpus in corpora]
    out = check_request(out, splits, workers, shard)
    _check(corpora)
    start = time.perf_counter()
    if shard is not None and out.exists() and _is_whole(out, corpora, say):
        return Packed(out, 0, time.perf_counter() - start, frame_bytes(corpora[0]))
    out.parent.mkdir(parents=True, exist_ok=True)
    goes_on = "make room there, and the same command goes on"
    with written(out, NO_ROOM, goes_on), _alone(out):
        _require_new(out)
        part = UnfinishedFile(_part_of(out), corpora, provenance or {}, say)
        todo = [(corpus, index) for corpus in corpora for index in range(len(corpus))]
        todo = todo[part.clips_written :]
        start = time.perf_counter()
        _write(part, todo, workers or default_workers(), say)
        part.seal()
        if shard is not None:
            keep_checksum(out, sha256_of(part.path))
        os.replace(part.path, out)
    num_frames = sum(corpus.clips[index].num_frames for corpus, index in todo)
    seconds = time.perf_counter() - start
    return Packed(out, num_frames, seconds, frame_bytes(corpora[0]))


def check_request(out, splits, workers=None, shard=None):
    """What can be said of `pack` before a corpus is loaded, which takes long.

    Args:
        out: as for `pack`.
        splits: names of the splits.
        workers: as for `pack`.
        shard: str, such as "3/16", or `Shard`; None of all clips.

    Returns:
        The path of the file.

    Raises:
        FileExistsError: there is a file `out`; of a shard a file instead of the folder.
        FileInUseError: another process packs it.
        ValueError: a split is named twice, there is less than one worker, or no such
            shard.
    """
    out = pathlib.Path(out)
    if shard is None:
        _require_new(out)
    else:
        if out.is_file():
            raise FileExistsError(
                f"{out} is a file, and shards are packed into a folder: choose another "
                "--out."
            )
        out = shard_path(out, shard)
    if _lock_of(out).exists():
        with _alone(out):
            pass
    for split in splits:
        if splits.count(split) > 1:
            raise ValueError(f"The split {split!r} is named twice: name it once.")
    if workers is not None:
        whole_number("workers", workers)
    return out


def _is_whole(path, corpora, say):
    """Whether a shard that is there need not be made; a damaged one is put away.

    Raises:
        FileExistsError: it is of something else.
    """
    if sha256_of(path) != kept_checksum(path):
        kept = set_aside(path)
        say(f"{path} is damaged: kept as {kept} and made anew.")
        return False
    with packed_file(path) as file:
        request = file.attrs["request"]
    if request != request_of(corpora):
        raise FileExistsError(
            f"{path} is a shard of another corpus or of other options: remove it, or "
            "choose another --out."
        )
    say(f"{path} is there and whole: nothing is to be done.")
    return True


def _require_new(out):
    if pathlib.Path(out).exists():
        raise FileExistsError(f"{out} exists: remove it, or choose another --out.")


@contextlib.contextmanager
def _alone(out):
    """Within it no other process packs `out`.

    The lock file stays where an unfinished file does.
    """
    path = _lock_of(out)
    try:
        lock = locks.take(path)
    except locks.FileInUseError as error:
        raise locks.FileInUseError(
            f"{out} is being packed by {error}: wait until that is done, or choose "
            "another --out."
        ) from None
    try:
        yield
    finally:
        lock.release()
        if not _part_of(out).exists():
            path.unlink(missing_ok=True)


def _part_of(out):
    return pathlib.Path(f"{out}.part")


def _lock_of(out):
    return pathlib.Path(f"{out}.lock")


def _check(corpora):
    first = corpora[0]
    for corpus in corpora:
        for name in ("name", "vocabulary", "input_format"):
            if getattr(corpus, name) != getattr(first, name):
                raise ValueError(
                    f"{corpus.split} has another {name} than {first.split}: pack "
                    "splits of one corpus, loaded with the same options."
                )
        if str(corpus.shard) != str(first.shard):
            raise ValueError(
                f"{corpus.split} is not the same part as {first.split}: pack the same "
                "shard of all splits, or all clips."
            )
        for clip in corpus.clips:
            if any(gloss.split() != [gloss] for gloss in clip.glosses):
                raise ValueError(
                    f"Clip {clip.id} has a gloss with a blank in it: {clip.glosses}. "
                    "Join its parts, for example by a hyphen."
                )


def _write(part, todo, workers, say):
    eta = Eta(len(todo), say)
    total = part.clips_written + len(todo)
    begun = noted = time.perf_counter()
    num_frames = num_bytes = 0
    clips = read_ahead(_read, todo, workers, ahead=2 * workers)
    try:
        for done, (frames, crc32) in enumerate(clips, start=1):
            part.write(frames, crc32)
            if time.perf_counter() - noted >= NOTE_SECONDS:
                part.note()
                noted = time.perf_counter()
            num_frames, num_bytes = num_frames + len(frames), num_bytes + frames.nbytes
            rate = num_frames / (time.perf_counter() - begun)
            eta(
                done,
                f"packed {total - len(todo) + done}/{total} clips, "
                f"{num_bytes / 1e9:.2f} GB at {rate:,.0f} frames a second",
            )
    finally:
        part.note()


def _read(corpus, index):
    frames = np.ascontiguousarray(corpus.read(index))
    return frames, zlib.crc32(frames)
