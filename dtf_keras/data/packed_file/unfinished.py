"""The HDF5 file of a packed corpus while it is written.

HDF5 keeps its own tables in memory while a file is open, and a process that is killed
then leaves a file that cannot be opened. So the file is made whole and closed before
the first frame, and all that follows is written to known places in it.
"""

import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import math
import os
import shutil

import numpy as np

import dtf_keras
from dtf_keras.damage import reason
from dtf_keras.data.packed_file.reading import (
    FORMAT,
    STATE,
    PackedFileError,
    read_clips,
    seal,
)
from dtf_keras.files import set_aside, write_whole
from dtf_keras.hdf5_file import hdf5_file


class UnfinishedFile:
    """Makes the file, or opens one that was left unfinished.

    One that is damaged is kept under another name, and made anew.

    Args:
        path: the file, which ends in `.part`.
        corpora: list of `Corpus`, the splits.
        provenance: JSON-able dict, kept in the file.
        say: function that shows a line of text.

    Attributes:
        clips_written: int, of all splits one after the other.

    Raises:
        FileExistsError: it is there and of something else.
        FileInUseError: another process has it open.
        OSError: no room on the disk, or the operating system does not give the file.
    """

    def __init__(self, path, corpora, provenance, say):
        self.path = path
        self.clips_written = 0
        request = request_of(corpora)
        if path.exists():
            self._reopen(request, corpora, say)
        if not path.exists():
            _make(path, corpora, provenance, request)
            with self._open() as file:
                self._locate(file, corpora)
        self._next = self.clips_written
        self._file = path.open("r+b")

    def write(self, frames, crc32):
        """Writes the frames of the next clip, which counts only after `note`."""
        self._file.seek(self._frames[self._next])
        self._file.write(frames)
        self._file.seek(self._crc32[self._next])
        self._file.write(np.array(crc32, "<u4").tobytes())
        self._next += 1

    def note(self):
        """Waits until all clips written are on the disk, then notes how many."""
        written = self._next
        self._sync()
        self._file.seek(self._places["clips_written"])
        self._file.write(np.array(written, "<i8").tobytes())
        self._file.flush()
        self.clips_written = written

    def seal(self):
        """Makes the file a whole one and closes it."""
        self._sync()
        with self._open() as file:
            checksum = seal(file)
        self._file.seek(self._places["seal"])
        self._file.write(checksum)
        self._sync()
        self._file.close()

    def _sync(self):
        self._file.flush()
        os.fsync(self._file.fileno())

    def _reopen(self, request, corpora, say):
        try:
            with self._open() as file:
                if (found := file.attrs["request"]) == request:
                    self._locate(file, corpora)
                    self.clips_written = int(file["clips_written"][0])
                    if not 0 <= self.clips_written <= len(self._frames):
                        raise PackedFileError("it counts more clips than there are")
        except PackedFileError as error:
            kept = set_aside(self.path)
            say(f"{self.path} is damaged ({error}): kept as {kept} and made anew.")
            self.clips_written = 0
            return
        if found != request:
            raise FileExistsError(
                f"{self.path} is the unfinished file of another corpus or other "
                "options: remove it, or choose another --out."
            )
        say(f"{self.path} goes on after {self.clips_written} clips.")

    def _open(self):
        """The file as h5py reads it; what is damaged is a `PackedFileError`."""
        return hdf5_file(
            self.path, lambda error: PackedFileError(reason(error)), PackedFileError
        )

    def _locate(self, file, corpora):
        """Finds the places of all that is written."""
        self._places = {name: file[name].id.get_offset() for name in STATE}
        self._frames, self._crc32 = [], []
        for corpus in filter(len, corpora):
            group = file[corpus.split]
            clips = read_clips(self.path, group)
            stored = [(one.id, one.glosses, one.num_frames) for one in clips]
            if stored != [
                (one.id, one.glosses, one.num_frames) for one in corpus.clips
            ]:
                raise PackedFileError(f"its table of {corpus.split} is another")
            self._frames += [clip.offset for clip in clips]
            start = group["crc32"].id.get_offset()
            self._crc32 += [start + 4 * index for index in range(len(corpus))]


def shard_in_file(corpora):
    """Which part of a corpus a file has, as it is kept there: a JSON-able dict."""
    shard = corpora[0].shard
    whole = {corpus.split: corpus.shard.whole for corpus in corpora}
    return {"number": shard.number, "count": shard.count, "whole": whole}


def request_of(corpora):
    """A digest of all that the frames are a function of."""
    first = corpora[0]
    clips = [
        [corpus.split, *dataclasses.astuple(clip)]
        for corpus in corpora
        for clip in corpus.clips
    ]
    frames = [FORMAT, first.name, first.input_format.to_dict()]
    told = [frames, first.vocabulary.glosses, clips]
    if first.shard is not None:
        told.append(shard_in_file(corpora))
    text = json.dumps(told)
    return hashlib.sha256(text.encode()).hexdigest()


def frame_bytes(corpus):
    """Bytes of one frame of a corpus in the file."""
    input_format = corpus.input_format
    return math.prod(input_format.read_shape) * np.dtype(input_format.dtype).itemsize


def _make(path, corpora, provenance, request):
    import h5py

    first = corpora[0]
    frame, dtype = first.input_format.read_shape, first.input_format.dtype
    need = sum(corpus.num_frames for corpus in corpora) * frame_bytes(first)
    free = shutil.disk_usage(path.parent).free
    if free < need:
        raise OSError(
            f"The packed corpus needs {need:,} bytes and {path.parent} has "
            f"{free:,} bytes free: make room there, or choose another --out."
        )

    def write(part):
        with h5py.File(part, "w") as file:
            file.attrs["format"] = FORMAT
            file.attrs["request"] = request
            file.attrs["name"] = first.name
            file.attrs["input_format"] = json.dumps(first.input_format.to_dict())
            file.attrs["augmented"] = first.augmentation is not None
            if first.shard is not None:
                file.attrs["shard"] = json.dumps(shard_in_file(corpora))
            file.attrs["provenance"] = json.dumps({**_made_with(), **provenance})
            file["vocabulary"] = list(first.vocabulary.glosses)
            _reserve(file, "clips_written", (1,), "<i8")
            _reserve(file, "seal", (32,), "u1")
            for corpus in filter(len, corpora):
                group = file.create_group(corpus.split)
                group["ids"] = [clip.id for clip in corpus.clips]
                group["signers"] = [clip.signer for clip in corpus.clips]
                group["glosses"] = [" ".join(clip.glosses) for clip in corpus.clips]
                group["num_frames"] = [clip.num_frames for clip in corpus.clips]
                _reserve(group, "crc32", (len(corpus),), "<u4")
                shape = (corpus.num_frames, *frame)
                _reserve(group, "frames", shape, dtype, fill=False)

    write_whole(path, write)


def _reserve(group, name, shape, dtype, fill=True):
    """A dataset that has its place in the file from the beginning."""
    import h5py

    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    if not fill:
        plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    group.create_dataset(name, shape, dtype, dcpl=plan)


def _made_with():
    packages = ("h5py", "numpy", "pillow")
    return {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "dtf_keras": dtf_keras.__version__,
        **{package: importlib.metadata.version(package) for package in packages},
    }
