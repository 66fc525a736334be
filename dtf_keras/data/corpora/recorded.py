"""A corpus of recorded clips: files on a disk, annotated with glosses."""

import dataclasses
import hashlib
import os
import pathlib
from collections import Counter
from typing import Any

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.footage.checking import count_frames
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.validation import ClipError, check_clip, check_whole_number
from dtf_keras.data.vocabulary_file import SHOWN, say_unknown, some


@dataclasses.dataclass(frozen=True)
class Row:
    """One annotated clip: `footage` is its `FrameFolder`, `Video` or `PoseFile`."""

    id: str
    footage: Any
    glosses: tuple[str, ...]
    signer: str


def default_read_size(frame_size):
    """Pixels of the frames that crops of `frame_size` are taken of: 128 for 112."""
    return frame_size * 8 // 7


def recorded_corpus(
    *,
    name,
    split,
    root,
    rows,
    vocabulary,
    frame_size,
    frame_rate,
    num_clips,
    on_bad_clip,
    cache_dir,
    say,
):
    """Checks the clips of a split and makes a `Corpus` of them.

    Args:
        name: str, as registered.
        split: "train", "dev" or "test".
        root: where the corpus is.
        rows: list of `Row`.
        vocabulary: `Vocabulary` with `"<unk>"`.
        frame_size: int, pixels of the crops.
        frame_rate: float, frames a second.
        num_clips: int, to use the first ones only, or None.
        on_bad_clip: "stop" or "skip".
        cache_dir: folder that remembers what is checked.
        say: function that shows a line of text.

    Raises:
        ValueError: a clip whose files are missing or damaged, or that is too short
            (see `Corpus`), unless those are skipped; the sentence names it.
    """
    check_options(frame_size, num_clips, on_bad_clip)
    rows = rows[:num_clips]
    label = f"{name} {split}"
    footage = {row.id: row.footage for row in rows}
    if len(footage) < len(rows):
        twice, _ = Counter(row.id for row in rows).most_common(1)[0]
        raise ValueError(f"Two clips are named {twice}; rename one of them.")
    lengths, wrong = count_frames(label, root, footage, cache_dir, say)
    wrong = {clip: f"Clip {clip}: {why}." for clip, why in wrong.items()}
    clips, kept = [], []
    for row in rows:
        if row.id in wrong:
            continue
        clip = Clip(row.id, row.glosses, row.signer, lengths[row.id])
        try:
            check_clip(clip, vocabulary, split)
        except ValueError as error:
            wrong[row.id] = str(error)
        else:
            clips.append(clip)
            kept.append(row.footage)
    if wrong:
        _report(label, wrong, len(rows), on_bad_clip, say)
    say_unknown(label, clips, vocabulary, say)
    read_size = default_read_size(frame_size)
    return Corpus(
        name=name,
        split=split,
        vocabulary=vocabulary,
        clips=clips,
        frame_size=frame_size,
        frame_rate=frame_rate,
        version=corpus_version(clips, vocabulary),
        read=lambda index: _read(clips[index], kept[index], read_size),
        read_size=read_size,
        augmentation=Augmentation(),
    )


def check_options(frame_size, num_clips, on_bad_clip):
    """Raises ValueError where an option cannot be."""
    check_whole_number("frame_size", frame_size, 8)
    if num_clips is not None:
        check_whole_number("num_clips", num_clips, 1)
    if on_bad_clip not in ("stop", "skip"):
        raise ValueError(f"on_bad_clip is 'stop' or 'skip', not {on_bad_clip!r}.")


def find_root(name, root, variable):
    """`root`, else the environment variable's value, as a path.

    Raises:
        FileNotFoundError: neither is given, or there is nothing there.
    """
    chosen = root or (variable and os.environ.get(variable))
    if not chosen:
        where = f", or set the environment variable {variable}" if variable else ""
        raise FileNotFoundError(f"{name}: say where the corpus is with --root{where}.")
    path = pathlib.Path(chosen).expanduser()
    if not path.exists():
        given = "root" if root else variable
        raise FileNotFoundError(f"{name}: there is no {path}, as {given} says.")
    return path


def without(label, rows, leave_out, say):
    """`rows` without those whose id is in `leave_out`, which is said."""
    kept = [row for row in rows if row.id not in leave_out]
    if len(kept) < len(rows):
        ids = [row.id for row in rows if row.id in leave_out]
        say(f"{label}: left out as leave_out asks, known as outliers: {some(ids)}")
    return kept


def corpus_version(clips, vocabulary):
    """What a resumed run must find the same: clips, lengths, glosses and classes."""
    text = repr([dataclasses.astuple(clip) for clip in clips]) + repr(
        vocabulary.glosses
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(clip, footage, size):
    try:
        return footage.read(size)
    except FootageError as error:
        raise ClipError(f"Clip {clip.id}: {error}.") from error


def _report(label, wrong, total, on_bad_clip, say):
    if on_bad_clip == "skip":
        say(f"{label}: {len(wrong)} of {total} clips are left out: {some(wrong)}.")
        for why in list(wrong.values())[:SHOWN]:
            say(f"  {why}")
        return
    first, more = next(iter(wrong.values())), len(wrong) - 1
    others = f" So it is with {more} more clips." if more else ""
    raise ValueError(
        f"{label}: {first}{others} Mend the corpus, or leave such clips out with "
        "--on-bad-clip skip (on_bad_clip='skip')."
    )
