"""The HDF5 file of a packed corpus, read.

Attributes say what it is; `vocabulary` has the glosses; a group a split has `ids`,
`signers`, `glosses`, `num_frames` and `crc32` of its clips, and `frames`, uint8
`[N, R, S, 3]` or points, float32 `[N, 21, 2]`, clip after clip. A file may be a shard,
with a part of the clips of each split. h5py reads the tables. Frames are read straight
from their place in the file, since HDF5 lets only one thread of a process read at a
time.
"""

import contextlib
import dataclasses
import hashlib
import json
import math
import pathlib
import zlib

import numpy as np

from dtf_keras.damage import reason
from dtf_keras.data.validation import ClipError
from dtf_keras.data.vocabulary import Vocabulary
from dtf_keras.hdf5_file import hdf5_file
from dtf_keras.input_format import InputFormat

FORMAT = "dtf_keras packed corpus 2"
SQUARE_FORMAT = "dtf_keras packed corpus 1"  # sides and rate in place of input_format
STATE = ("clips_written", "seal")  # what changes while the file is made
TABLES = ("ids", "signers", "glosses", "num_frames", "crc32")


class PackedFileError(ValueError):
    """A file that is no packed corpus, not a whole one, or damaged."""


@dataclasses.dataclass(frozen=True)
class PackedCorpus:
    """What a packed file is; `augmented`: training on it crops anywhere."""

    name: str
    input_format: InputFormat
    augmented: bool
    vocabulary: Vocabulary


@dataclasses.dataclass(frozen=True)
class PackedClip:
    """A clip in the file `path`: `offset` is the byte where its frames begin."""

    path: pathlib.Path
    id: str
    glosses: tuple[str, ...]
    signer: str
    num_frames: int
    offset: int
    crc32: int


@contextlib.contextmanager
def packed_file(path):
    """A packed file, open for reading, with sound tables.

    Args:
        path: the file.

    Yields:
        `h5py.File`.

    Raises:
        PackedFileError: the file is damaged or not whole.
        OSError: another process has it, or the operating system does not give it.
    """
    with hdf5_file(
        path, lambda error: _not_whole(path, error), PackedFileError
    ) as file:
        if file.attrs.get("format") not in (FORMAT, SQUARE_FORMAT):
            raise PackedFileError(
                f"{path} is not a file that pack.py wrote ({FORMAT})."
            )
        if file["seal"][()].tobytes() != seal(file):
            raise PackedFileError(
                f"{path} is not a whole packed corpus: packing it did not end, or its "
                "tables are damaged. Give the pack command again."
            )
        yield file


def about_corpus(file):
    """The `PackedCorpus` that an open packed file says it is."""
    return PackedCorpus(
        name=file.attrs["name"],
        input_format=_input_format(file.attrs),
        augmented=bool(file.attrs["augmented"]),
        vocabulary=Vocabulary(file["vocabulary"].asstr()[()]),
    )


def splits_of(file):
    """Names of the splits of which an open packed file has clips, a list."""
    import h5py

    return [name for name in file if isinstance(file[name], h5py.Group)]


def require_split(path, split, splits):
    """Raises PackedFileError unless `split` is one of those that were packed."""
    if split not in splits:
        raise PackedFileError(f"{path} has no split {split!r}; it has {splits}.")


def read_tables(path, split):
    """What a packed file is, and the clips of one of its splits.

    Args:
        path: the file.
        split: a split that was packed.

    Returns:
        `PackedCorpus` and a list of `PackedClip`.

    Raises:
        PackedFileError: the file is damaged, not whole, or has no such split.
        OSError: another process has it, or the operating system does not give it.
    """
    with packed_file(path) as file:
        require_split(path, split, splits_of(file))
        return about_corpus(file), read_clips(path, file[split])


def _not_whole(path, error):
    return PackedFileError(
        f"{path} is not a whole packed corpus ({reason(error)}): pack it again."
    )


def _input_format(attributes):
    if attributes["format"] == FORMAT:
        return InputFormat.from_dict(json.loads(attributes["input_format"]))
    side = attributes["frame_size"].item()
    crop = side / attributes["read_size"].item()
    return InputFormat(side, side, attributes["frame_rate"].item(), crop)


def read_clips(path, group):
    """The `PackedClip`s of a split, of the group of an open `h5py.File`."""
    columns = [group[name] for name in TABLES]
    ids, signers, glosses = (column.asstr()[()] for column in columns[:3])
    num_frames, crc = (column[()].tolist() for column in columns[3:])
    frames = group["frames"]
    offset, frame = frames.id.get_offset(), math.prod(frames.shape[1:])
    frame *= frames.dtype.itemsize
    clips = []
    for row in zip(ids, glosses, signers, num_frames, crc, strict=True):
        clip_id, text, signer, length, crc32 = row
        clips.append(
            PackedClip(
                path, clip_id, tuple(text.split()), signer, length, offset, crc32
            )
        )
        offset += length * frame
    return clips


def seal(file):
    """The checksum of all that a whole file says, of an open `h5py.File`."""
    digest = hashlib.sha256()
    for name, value in sorted(file.attrs.items()):
        digest.update(f"{name}={value}\n".encode())
    for name in sorted(file):
        if name == "vocabulary":
            digest.update("\n".join(file[name].asstr()[()]).encode())
        elif name not in STATE:
            for table in TABLES:
                digest.update(repr(file[name][table][()].tolist()).encode())
    return digest.digest()


class FrameReader:
    """Reads the frames of clips from packed files; safe for threads.

    Args:
        input_format: `InputFormat` of the frames in the files.
        clips: list of `PackedClip`.
        mend: sentence on what to do with a file that is damaged.
    """

    def __init__(self, input_format, clips, mend="Pack it again."):
        self.input_format = input_format
        self.clips = clips
        self.mend = mend
        self._checked = np.zeros(len(clips), bool)

    def __call__(self, index):
        """The frames of clip `index`: `[T, ...]`, of the format's `read_shape`.

        Raises:
            ClipError: the file is gone, shorter than it was or has changed.
        """
        clip = self.clips[index]
        shape = (clip.num_frames, *self.input_format.read_shape)
        frames = np.empty(shape, self.input_format.dtype)
        try:
            self._fill(memoryview(frames).cast("B"), clip)
        except FileNotFoundError as error:
            raise ClipError(
                f"The frames of clip {clip.id} are not there any more: {clip.path} is "
                f"gone. {self.mend}"
            ) from error
        if not (self._checked[index] or zlib.crc32(frames) == clip.crc32):
            raise self._damaged(clip)
        self._checked[index] = True
        return frames

    def _fill(self, left, clip):
        with open(clip.path, "rb", buffering=0) as file:
            file.seek(clip.offset)
            while left:
                count = file.readinto(left)
                if not count:
                    raise self._damaged(clip)
                left = left[count:]

    def _damaged(self, clip):
        return ClipError(
            f"The frames of clip {clip.id} in {clip.path} are not those that were "
            f"packed: the file is damaged. {self.mend}"
        )
