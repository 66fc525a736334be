"""The HDF5 file of a packed corpus, read.

Attributes say what it is; `vocabulary` has the glosses; a group a split has `ids`,
`signers`, `glosses`, `num_frames` and `crc32` of its clips, and `frames`, uint8
`[N, R, S, 3]`, clip after clip. h5py reads the tables. Frames are read straight from
their place in the file, since HDF5 lets only one thread of a process read at a time.
"""

import dataclasses
import hashlib
import json
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
    """A clip in the file: `offset` is the byte where its frames begin."""

    id: str
    glosses: tuple[str, ...]
    signer: str
    num_frames: int
    offset: int
    crc32: int


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
    import h5py

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
        splits = [name for name in file if isinstance(file[name], h5py.Group)]
        if split not in splits:
            raise PackedFileError(f"{path} has no split {split!r}; it has {splits}.")
        about = PackedCorpus(
            name=file.attrs["name"],
            input_format=_input_format(file.attrs),
            augmented=bool(file.attrs["augmented"]),
            vocabulary=Vocabulary(file["vocabulary"].asstr()[()]),
        )
        return about, read_clips(file[split])


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


def read_clips(group):
    """The `PackedClip`s of a split, of the group of an open `h5py.File`."""
    columns = [group[name] for name in TABLES]
    ids, signers, glosses = (column.asstr()[()] for column in columns[:3])
    num_frames, crc = (column[()].tolist() for column in columns[3:])
    frames = group["frames"]
    offset, frame = frames.id.get_offset(), int(np.prod(frames.shape[1:]))
    clips = []
    for row in zip(ids, glosses, signers, num_frames, crc, strict=True):
        clip_id, text, signer, length, crc32 = row
        clips.append(
            PackedClip(clip_id, tuple(text.split()), signer, length, offset, crc32)
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
    """Reads the frames of clips from a packed file; safe for threads.

    Args:
        path: the file.
        read_size: `(R, S)`, pixels.
        clips: list of `PackedClip`.
    """

    def __init__(self, path, read_size, clips):
        self.path = pathlib.Path(path)
        self.read_size = read_size
        self.clips = clips
        self._checked = np.zeros(len(clips), bool)

    def __call__(self, index):
        """The frames of clip `index`: uint8 `[T, R, S, 3]`.

        Raises:
            ClipError: the file is shorter than it was or has changed.
        """
        clip = self.clips[index]
        frames = np.empty((clip.num_frames, *self.read_size, 3), "uint8")
        with self.path.open("rb", buffering=0) as file:
            file.seek(clip.offset)
            left = memoryview(frames).cast("B")
            while left:
                count = file.readinto(left)
                if not count:
                    break
                left = left[count:]
        if left or not (self._checked[index] or zlib.crc32(frames) == clip.crc32):
            raise ClipError(
                f"The frames of clip {clip.id} in {self.path} are not those that were "
                "packed: the file is damaged. Pack it again."
            )
        self._checked[index] = True
        return frames
