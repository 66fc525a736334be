"""Frames of a split on disk, so that drawing them is paid once.

One file holds the frames of all clips, then a CRC-32 of each, then the digest of
everything they depend on. It is written beside its place while the clips are first
read, and moved there when the last one is in, so that a reader sees a whole file or
none; processes that fill the same cache write their own files, and the last one wins.
"""

import hashlib
import json
import os
import pathlib
import threading
import time
import uuid
import warnings
import weakref
import zlib

import numpy as np

from dtf_keras.files import cache_folder


class FrameCache:
    """Frames of clips of known lengths, by index; safe for threads and processes.

    Args:
        label: str, the readable part of the file's name.
        depends_on: JSON-able dict of everything the frames are a function of.
        lengths: list of int, frames of each clip.
        input_format: `InputFormat` of the frames, which are not cropped.
        cache_dir: folder, see `cache_folder`.
    """

    def __init__(self, label, depends_on, lengths, input_format, cache_dir=None):
        self._frame, self._dtype = input_format.frame_shape, input_format.dtype
        told = [label, depends_on, lengths, *self._frame, self._dtype]
        text = json.dumps(told, sort_keys=True)
        self._digest = hashlib.sha256(text.encode()).digest()
        self._folder = cache_folder(cache_dir)
        self.path = self._folder / f"{label}-{self._digest.hex()[:16]}.frames"
        self._lengths = np.array(lengths, "int64")
        frame = int(np.prod(self._frame)) * np.dtype(self._dtype).itemsize
        ends = np.cumsum(self._lengths) * frame
        self._offsets = np.concatenate([[0], ends])
        self._lock = threading.Lock()
        self._crc = np.zeros(len(lengths), "<u4")
        self._filled = np.zeros(len(lengths), bool)  # of the file being written
        self._file = None
        self._remove = None
        self._whole = None  # bytes of the complete file
        self._checked = np.zeros(len(lengths), bool)
        self._open()

    @property
    def complete(self):
        """Whether every clip can be read from the file."""
        return self._whole is not None

    def get(self, index):
        """The frames of clip `index`, `[T, ...]`, or None if not there."""
        start, end = self._offsets[index], self._offsets[index + 1]
        shape = (self._lengths[index], *self._frame)
        with self._lock:
            if self._whole is None:
                if not self._filled[index]:
                    return None
                self._file.seek(start)
                content = np.frombuffer(self._file.read(end - start), "uint8")
                return content.view(self._dtype).reshape(shape)
            content = self._whole[start:end]
            if not self._checked[index]:
                if zlib.crc32(content) != self._crc[index]:
                    self._discard("its content has changed")
                    return None
                self._checked[index] = True
        return content.view(self._dtype).reshape(shape)

    def put(self, index, frames):
        """Adds the frames of clip `index`; the last one completes the file.

        Raises:
            OSError: the folder cannot be written or is full; the sentence names it.
        """
        content = np.ascontiguousarray(frames).tobytes()
        with self._lock:
            if self._whole is not None or self._filled[index]:
                return
            try:
                self._write(index, content)
            except OSError as error:
                raise OSError(
                    f"The frames cannot be kept in {self._folder} "
                    f"({error.strerror or error}); make room there or choose another "
                    "folder with cache_dir or DTF_KERAS_CACHE."
                ) from error

    def _write(self, index, content):
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            _sweep(self._folder)
            name = f"{self.path.stem}-{uuid.uuid4().hex}.part"
            self._file = (self._folder / name).open("xb+")
            self._remove = weakref.finalize(self, _remove, self._file)
        self._file.seek(self._offsets[index])
        self._file.write(content)
        self._crc[index] = zlib.crc32(content)
        self._filled[index] = True
        if self._filled.all():
            self._file.seek(self._offsets[-1])
            self._file.write(self._crc.tobytes() + self._footer())
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._file.name, self.path)
            self._remove.detach()
            self._file = None
            self._open()

    def _footer(self):
        return hashlib.sha256(self._digest + self._crc.tobytes()).digest()

    def _open(self):
        """Maps the complete file if there is one; a broken one is put away."""
        if not self.path.is_file():
            return
        size = int(self._offsets[-1])
        table = self._crc.nbytes
        if self.path.stat().st_size != size + table + len(self._digest):
            self._discard("it is not complete")
            return
        whole = np.memmap(self.path, "uint8", "r").view(np.ndarray)
        self._crc = np.frombuffer(whole[size : size + table].tobytes(), "<u4").copy()
        if whole[size + table :].tobytes() != self._footer():
            self._discard("its table is damaged")
            return
        self._whole = whole
        self._checked[:] = False

    def _discard(self, why):
        warnings.warn(f"The frame cache {self.path} is made anew: {why}.", stacklevel=3)
        self._whole = None
        self._filled[:] = False
        self.path.unlink(missing_ok=True)


def _sweep(folder):
    """Removes what processes that were killed left behind a week ago or earlier."""
    for part in folder.glob("*.part"):
        if part.stat().st_mtime < time.time() - 7 * 24 * 3600:
            part.unlink(missing_ok=True)


def _remove(file):
    file.close()
    pathlib.Path(file.name).unlink(missing_ok=True)
