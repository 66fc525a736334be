"""The frames of a clip as pictures in a folder."""

import fnmatch
import hashlib
import os
import pathlib
import re

import numpy as np

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


class FootageError(ValueError):
    """What should hold the frames of a clip is missing or cannot be read."""


class FrameFolder:
    """A folder of pictures, one a frame, in the order of the numbers in their names.

    Args:
        path: the folder.
        pattern: shell pattern of the names; all pictures by default.
    """

    def __init__(self, path, pattern="*"):
        self.path = pathlib.Path(path)
        self.pattern = pattern

    def names(self):
        """Names of the files, in the order of the frames.

        Raises:
            FootageError: no such folder, or none of its files is a picture.
        """
        if not self.path.is_dir():
            raise FootageError(f"there is no folder {self.path}")
        names = [
            name
            for name in fnmatch.filter(os.listdir(self.path), self.pattern)
            if name.lower().endswith(PICTURES)
        ]
        if not names:
            raise FootageError(f"{self.path} has no pictures {self.pattern}")
        return sorted(names, key=_by_number)

    def fingerprint(self):
        """Another string when files came or went; reads no picture."""
        names = self.names()
        text = "\n".join([str(self.path.stat().st_mtime_ns), *names])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def check(self):
        """Reads every file once; returns the number of frames.

        Raises:
            FootageError: as `names`, or a file that is empty, cut off or damaged.
        """
        names = self.names()
        for name in names:
            self._open(name, _verify)
        return len(names)

    def read(self, size):
        """The frames resized to `size` pixels a side: uint8 `[T, size, size, 3]`, RGB.

        Proportions are not kept, as in the source project.

        Raises:
            FootageError: as `check`.
        """
        names = self.names()
        frames = np.empty((len(names), size, size, 3), "uint8")
        for frame, picture in zip(frames, self._pictures(names, size), strict=True):
            frame[:] = picture
        return frames

    def frames(self, size):
        """The frames of `read` one by one: yields uint8 `[size, size, 3]`, RGB.

        Raises:
            FootageError: as `check`.
        """
        yield from self._pictures(self.names(), size)

    def _pictures(self, names, size):
        for name in names:
            yield self._open(name, lambda picture: resize(picture, size))

    def _open(self, name, use):
        from PIL import Image

        try:
            with Image.open(self.path / name) as picture:
                return use(picture)
        except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises
            raise FootageError(
                f"{self.path / name} cannot be read ({error})"
            ) from error


def resize(picture, size):
    """A Pillow picture as uint8 `[size, size, 3]`, RGB, by bilinear resizing."""
    from PIL import Image

    picture = picture.convert("RGB")
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR))


def _verify(picture):
    if picture.format == "PNG":
        picture.verify()  # the checksums of the file, ten times as fast as decoding
    else:
        picture.load()


def _by_number(name):
    parts = re.split(r"(\d+)", name)
    return [int(part) if part.isdigit() else part for part in parts]
