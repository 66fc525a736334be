"""A corpus packed by `scripts/pack.py`, into one file or into shards."""

import dataclasses
import functools

import numpy as np

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.corpora.recorded import check_options, find_root, without
from dtf_keras.data.corpora.registry import register
from dtf_keras.data.corpus import Clip, Corpus
from dtf_keras.data.footage.frame_folder import resize as resize_picture
from dtf_keras.data.packed_file.reading import FrameReader, read_tables
from dtf_keras.data.packed_file.shards import mend_of, read_shards
from dtf_keras.data.vocabulary_file import in_one_form, read_vocabulary, say_unknown
from dtf_keras.input_format import KINDS
from dtf_keras.values import one_of, size_2d, size_in_words
from dtf_keras.words import tell


@register("packed")
def packed(
    split,
    root=None,
    frame_size=None,
    crop=None,
    resize=None,
    num_clips=None,
    vocabulary=None,
    say=tell,
    kind=None,
):
    """Any corpus that `scripts/pack.py` packed.

    Args:
        split: a split that was packed.
        root: the file, or the folder of shards that were joined.
        frame_size: height and width of the crops in pixels, or both as one int; by
            default as it was packed. Frames smaller than those that were packed are
            made of these.
        crop: sides of the crops as shares of the frame's; by default as it was packed.
        resize: "bilinear" or "lanczos"; frames as large as those that were packed
            cannot be of another kind than they are. Smaller ones are "bilinear", if it
            is not given.
        num_clips: int, for the first clips only.
        vocabulary: file with other glosses than those in the packed file, see
            `dtf_keras.data.vocabulary_file`.
        say: function that shows a line of text.
        kind: as `dtf_keras.input_format.InputFormat.kind`, what must have been packed;
            by default whatever was.

    Returns:
        `Corpus`, with the name of the corpus that was packed.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is not a whole packed corpus, or has not what is asked for.
    """
    path = find_root("packed", root, None)
    if kind is not None:
        one_of("kind", kind, KINDS)
    given = None if vocabulary is None else read_vocabulary(vocabulary, say)
    return load_split(
        path,
        split,
        frame_size=frame_size,
        crop=crop,
        resize=resize,
        num_clips=num_clips,
        vocabulary=given,
        say=say,
        kind=kind,
    )


def load_split(
    path,
    split,
    *,
    name=None,
    frame_size=None,
    crop=None,
    resize=None,
    num_clips=None,
    vocabulary=None,
    on_bad_clip="stop",
    leave_out=(),
    say=tell,
    kind=None,
):
    """A split of a packed file as a `Corpus`: see `packed`.

    Args:
        path: as for `packed` the root.
        split: a split that was packed.
        name: the corpus that it must be, or None.
        frame_size: as for `packed`.
        crop: as for `packed`.
        resize: as for `packed`.
        num_clips: as for `packed`.
        vocabulary: `Vocabulary` in place of the one in the file, or None.
        on_bad_clip: "stop" or "skip", which was done when the file was packed.
        leave_out: ids of clips to leave out.
        say: function that shows a line of text.
        kind: as for `packed`.
    """
    in_shards = path.is_dir()
    about, table = (read_shards if in_shards else read_tables)(path, split)
    if name not in (None, about.name):
        raise ValueError(
            f"{path} has {about.name} packed in it, not {name}: train with --data "
            f"{about.name}, or give another --root."
        )
    check_options(num_clips, on_bad_clip)
    stored = about.input_format
    if kind not in (None, stored.kind):
        raise ValueError(
            f"{path} has clips of the kind {stored.kind} packed in it, not {kind}: "
            "choose a model that reads those, or pack the corpus again."
        )
    input_format = _asked_format(path, stored, frame_size, crop, resize)
    label = f"{about.name} {split}"
    rows = without(label, table, leave_out, say)[:num_clips]
    rows = in_one_form(label, rows, say)
    clips = [Clip(row.id, row.glosses, row.signer, row.num_frames) for row in rows]
    vocabulary = vocabulary or about.vocabulary
    say_unknown(label, clips, vocabulary, say)
    mend = {"mend": mend_of(path)} if in_shards else {}
    read, size = FrameReader(stored, rows, **mend), input_format.read_size
    if size != stored.read_size:
        has, wanted = map(size_in_words, (stored.read_size, size))
        say(f"{label}: frames of {has} pixels are resized to {wanted} as they are read")
        read = functools.partial(_read_resized, read, size, input_format.resize)
    return Corpus(
        name=about.name,
        split=split,
        vocabulary=vocabulary,
        clips=clips,
        input_format=input_format,
        read=read,
        augmentation=Augmentation() if about.augmented else None,
    )


def _asked_format(path, packed, frame_size, crop, resize):
    """The `InputFormat` of what is asked for; what is None is as in the file.

    Frames that are smaller than those in the file are made of these. Points have no
    size.

    Raises:
        ValueError: they would have to be made larger, or be resized otherwise.
    """
    if packed.of_landmarks:
        return packed
    size = packed.frame_size
    if frame_size is not None:
        size = size_2d("frame_size", frame_size)
    crop = packed.crop if crop is None else crop
    asked = dataclasses.replace(packed, height=size[0], width=size[1], crop=crop)
    if asked.read_size == packed.read_size:
        if resize not in (None, packed.resize):
            raise ValueError(
                f"{path} was packed with resize {packed.resize}, not {resize}: give "
                f"--resize {packed.resize}, or pack again."
            )
        return asked
    sides = zip(asked.read_size, packed.read_size, strict=True)
    if packed.kind != "video" or any(side > has for side, has in sides):
        kept, wanted = map(size_in_words, (packed.read_size, asked.read_size))
        has, crops = map(size_in_words, (packed.frame_size, size))
        raise ValueError(
            f"{path} was packed for frames of {has} out of {kept} pixels, and cannot "
            f"give {crops} out of {wanted}: give --frame-size {has.replace('x', ' ')} "
            f"--crop {packed.crop}, or pack again."
        )
    return dataclasses.replace(asked, resize=resize or "bilinear")


def _read_resized(read, size, how, index):
    """Frames that `read` gives, resized."""
    from PIL import Image

    frames = read(index)
    resized = np.empty((len(frames), *size, 3), "uint8")
    for small, frame in zip(resized, frames, strict=True):
        small[:] = resize_picture(Image.fromarray(frame), size, how)
    return resized
