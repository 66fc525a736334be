"""Frames of a split on disk, so that drawing them is paid once.

One file holds the frames of all clips, then a CRC-32 of each, then the digest of
everything they depend on. It is written beside its place while the clips are first
read, and moved there when the last one is in, so that a reader sees a whole file or
none; processes that fill the same cache write their own files, and the last one wins.
"""

import contextlib
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

from dtf_keras.files import cache_folder, say_not_kept, set_aside
from dtf_keras.words import tell


class FrameCache:
    """Frames of clips of known lengths, by index; safe for threads and processes.

    Where its folder cannot be read or written, it is said once, and nothing is kept.

    Args:
        label: str, the readable part of the file's name.
        depends_on: JSON-able dict of everything the frames are a function of.
        lengths: list of int, frames of each clip.
        input_format: `InputFormat` of the frames, which are not cropped.
        cache_dir: folder, see `cache_folder`.
        say: function that shows a line of text.
    """

    def __init__(
        self, label, depends_on, lengths, input_format, cache_dir=None, say=tell
    ):
        self._say = say
        self._usable = True
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
        with self._or_without():
            self._open()

    @property
    def complete(self):
        """Whether every clip can be read from the file."""
        return self._whole is not None

    def get(self, index):
        """The frames of clip `index`, `[T, ...]`, or None if not there."""
        start, end = self._offsets[index], self._offsets[index + 1]
        shape = (self._lengths[index], *self._frame)
        with self._lock, self._or_without():
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
        """Adds the frames of clip `index`; the last one completes the file."""
        with self._lock, self._or_without():
            if self._usable and self._whole is None and not self._filled[index]:
                self._write(index, np.ascontiguousarray(frames).tobytes())

    @contextlib.contextmanager
    def _or_without(self):
        """Within it, a folder that cannot be used ends the keeping of frames."""
        try:
            yield
        except OSError as error:
            say_not_kept(self._folder, error, self._say)
            self._usable, self._whole = False, None
            self._filled[:] = False
            if self._file is not None:
                self._remove()
                self._file = None

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
        if not os.path.isfile(self.path):
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
        self._whole = None
        self._filled[:] = False
        kept = set_aside(self.path)
        warnings.warn(
            f"The frame cache {self.path} is made anew: {why}. Kept as {kept}.",
            stacklevel=3,
        )


def _sweep(folder):
    """Removes what was damaged or left by processes that were killed, after a week."""
    for one in (*folder.glob("*.part"), *folder.glob("*.frames.damaged*")):
        with contextlib.suppress(OSError):
            if one.stat().st_mtime < time.time() - 7 * 24 * 3600:
                one.unlink()


def _remove(file):
    with contextlib.suppress(OSError):  # a full disk does not take what is left
        file.close()
    pathlib.Path(file.name).unlink(missing_ok=True)
