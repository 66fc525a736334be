"""A corpus of recorded clips: files on a disk, annotated with glosses."""

import dataclasses
import functools
import os
import pathlib
from collections import Counter
from typing import Any

from dtf_keras.data.bad_clips import check_on_bad_clip, report_bad_clips
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.footage.checking import count_frames
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.shard import Shard
from dtf_keras.data.validation import ClipError, check_clip
from dtf_keras.data.vocabulary_file import in_one_form, say_unknown, some
from dtf_keras.input_format import InputFormat
from dtf_keras.values import size_2d, whole_number

CROP = 0.875  # as the recipes of PHOENIX: 112 of 128 pixels, 224 of 256


@dataclasses.dataclass(frozen=True)
class Row:
    """One annotated clip: `footage` is its `FrameFolder` or `Video`, or what
    `dtf_keras.data.clip_kinds` makes of one."""

    id: str
    footage: Any
    glosses: tuple[str, ...]
    signer: str


def recorded_corpus(
    *,
    name,
    split,
    root,
    rows,
    vocabulary,
    input_format,
    num_clips,
    on_bad_clip,
    cache_dir,
    say,
    augmentation=None,
    shard=None,
):
    """Checks the clips of a split and makes a `Corpus` of them.

    Args:
        name: str, as registered.
        split: "train", "dev" or "test".
        root: where the corpus is.
        rows: list of `Row`.
        vocabulary: `Vocabulary`; without `"<unk>"` a clip with another gloss is bad.
        input_format: `InputFormat` of the frames.
        num_clips: int, to use the first ones only, or None.
        on_bad_clip: "stop" or "skip".
        cache_dir: folder that remembers what is checked.
        say: function that shows a line of text.
        augmentation: `Augmentation` that training asks for, or None.
        shard: str, such as "3/16" for one of so many parts of the clips, or None. The
            files of the others are not looked at.

    Raises:
        ValueError: a clip without glosses or with an unknown one, or whose files are
            missing or damaged, unless those are skipped; the sentence names it.
    """
    check_options(num_clips, on_bad_clip)
    label = f"{name} {split}"
    rows = in_one_form(label, rows[:num_clips], say)
    if len({row.id for row in rows}) < len(rows):
        twice, _ = Counter(row.id for row in rows).most_common(1)[0]
        raise ValueError(f"Two clips are named {twice}; rename one of them.")
    shard, every = Shard.of(shard, rows), rows
    if shard is not None:
        rows, label = shard.take(rows), f"{label} {shard}"
    footage = {row.id: row.footage for row in rows}
    lengths, wrong = count_frames(label, root, footage, cache_dir, say)
    wrong = {clip: f"Clip {clip}: {why}." for clip, why in wrong.items()}
    clips = []
    for row in rows:
        if row.id in wrong:
            continue
        clip = Clip(row.id, row.glosses, row.signer, lengths[row.id])
        try:
            check_clip(clip)
            vocabulary.encode(clip.glosses, clip.id)
            clips.append(clip)
        except ValueError as error:
            wrong[row.id] = str(error)
    report_bad_clips(label, wrong, len(rows), on_bad_clip, say)
    signed = [row for row in every if row.id not in wrong]
    say_unknown(f"{name} {split}", signed, vocabulary, say)
    return Corpus(
        name=name,
        split=split,
        vocabulary=vocabulary,
        clips=clips,
        input_format=input_format,
        read=functools.partial(_read, clips, footage, input_format),
        augmentation=augmentation,
        shard=shard,
    )


def video_format(frame_size, frame_rate, crop, resize):
    """The `InputFormat` of recorded clips.

    Args:
        frame_size: height and width of the crops in pixels, or both as one int.
        frame_rate: frames a second.
        crop: sides of the crop as shares of the resized frame's; `CROP` if None.
        resize: "bilinear" or "lanczos"; the former if None.

    Raises:
        ValueError: an option that cannot be.
    """
    height, width = size_2d("frame_size", frame_size, at_least=8)
    crop = CROP if crop is None else crop
    return InputFormat(height, width, frame_rate, crop, resize or "bilinear")


def check_options(num_clips, on_bad_clip):
    """Raises ValueError where an option cannot be."""
    if num_clips is not None:
        whole_number("num_clips", num_clips)
    check_on_bad_clip(on_bad_clip)


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
        say(f"{label}: left out, as leave_out asks: {some(ids)}")
    return kept


def _read(clips, footage, input_format, index):
    clip = clips[index]
    try:
        return footage[clip.id].read(input_format.read_size, input_format.resize)
    except FootageError as error:
        raise ClipError(f"Clip {clip.id}: {error}.") from error
