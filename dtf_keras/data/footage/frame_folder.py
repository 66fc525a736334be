"""The frames of a clip as pictures in a folder."""

import contextlib
import fnmatch
import hashlib
import os
import pathlib
import re

import numpy as np

from dtf_keras.damage import damage_as, reason
from dtf_keras.data.footage.plain_picture import plain

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm")


class FootageError(ValueError):
    """What should hold the frames of a clip is missing or cannot be read."""


def reading(path):
    """Within it, whatever a decoder raises at a file is a `FootageError` that names it.

    Args:
        path: the file or folder.
    """
    return damage_as(
        lambda error: FootageError(f"{path} cannot be read ({reason(error)})"),
        FootageError,
        of_system=True,
    )


class FrameFolder:
    """A folder of pictures, one a frame, in the order of the numbers in their names.

    They may be one folder deeper, where that is the only one.

    Args:
        path: the folder.
        pattern: shell pattern of the names; all pictures by default.
        numbered: bool, whether the numbers of the frames follow one another, so that a
            number left out is a frame that is missing. The number of a frame is the
            last one before the suffix, of `fn000003-0.png` 3.
        frame_rate: float, frames a second that they are taken to have.
    """

    def __init__(self, path, pattern="*", numbered=False, frame_rate=25.0):
        self.path = pathlib.Path(path)
        self.frame_rate = frame_rate
        self.pattern = pattern
        self.numbered = numbered

    def names(self):
        """The files from `path` on, in the order of the frames, without hidden ones.

        Raises:
            FootageError: no such folder, or none of its files is a picture.
        """
        below, entries = self._entries()
        return [below + entry.name for entry in entries]

    def fingerprint(self):
        """Another string when files came or went; looks at none of them.

        It is the time of the folder, so that of many thousand clips it is known at
        once. A picture that is overwritten in its place does not change it.

        Raises:
            FootageError: as `names`.
        """
        folders = [self.path]
        if not self._begins_with_picture():
            below, _ = self._entries()
            folders.append(self.path / below)
        with reading(folders[-1]):
            return " ".join(str(os.stat(folder).st_mtime_ns) for folder in folders)

    def _begins_with_picture(self):
        """Whether the folder itself has pictures; most often the first file is one."""
        with contextlib.suppress(OSError), os.scandir(self.path) as entries:
            visible = (one for one in entries if not one.name.startswith("."))
            return any(map(self._is_picture, visible))
        return False

    def _entries(self):
        """Where the pictures are below `path`, "" or "FOLDER/", and they themselves."""
        if not self.path.is_dir():
            raise FootageError(f"there is no folder {self.path}")
        entries = _scan(self.path)
        pictures = self._pictures_of(entries)
        folders = [] if pictures else [one for one in entries if one.is_dir()]
        below = ""
        if len(folders) == 1:
            below = f"{folders[0].name}/"
            pictures = self._pictures_of(_scan(folders[0].path))
        if not pictures:
            several = f", but {len(folders)} folders" if len(folders) > 1 else ""
            raise FootageError(
                f"{self.path} has no pictures{several}: the names of frames match "
                f"{self.pattern} and end in {', '.join(PICTURES)}"
            )
        return below, sorted(pictures, key=lambda entry: _by_number(entry.name))

    def _pictures_of(self, entries):
        return list(filter(self._is_picture, entries))

    def _is_picture(self, entry):
        matches = fnmatch.fnmatch(entry.name, self.pattern)
        return matches and entry.name.lower().endswith(PICTURES)

    def check(self):
        """Reads every file once; returns the number of frames.

        Raises:
            FootageError: as `names`, a frame that is missing, or a file that is empty,
                cut off or damaged.
        """
        names = self.names()
        if self.numbered:
            self._check_numbers(names)
        for name in names:
            self._open(name, _verify)
        return len(names)

    def read(self, size, how="bilinear"):
        """The frames resized: uint8 `[T, H, W, 3]`, RGB.

        Proportions are not kept. Pictures are turned as the camera noted, 16 bits of
        grey become 8, and what is transparent is black.

        Args:
            size: `(H, W)` in pixels.
            how: "bilinear" or "lanczos".

        Raises:
            FootageError: as `check`.
        """
        names = self.names()
        frames = np.empty((len(names), *size, 3), "uint8")
        pictures = self._pictures(names, size, how)
        for frame, picture in zip(frames, pictures, strict=True):
            frame[:] = picture
        return frames

    def frames(self, size, how="bilinear"):
        """The frames of `read` one by one: yields uint8 `[H, W, 3]`, RGB.

        Raises:
            FootageError: as `check`.
        """
        yield from self._pictures(self.names(), size, how)

    def timed(self, longest):
        """As `Video.timed`."""
        for number, name in enumerate(self.names()):
            picture = self._open(name, lambda one: _limited(plain(one), longest))
            yield number / self.frame_rate, picture

    def seconds(self):
        """How long the clip is.

        Raises:
            FootageError: as `names`.
        """
        return len(self.names()) / self.frame_rate

    def content(self):
        """Another string when the bytes of the files change; reads all of them."""
        digest = hashlib.sha256(f"{float(self.frame_rate)}".encode())
        for name in self.names():
            with reading(self.path / name):
                digest.update((self.path / name).read_bytes())
        return digest.hexdigest()

    def _check_numbers(self, names):
        found = [re.search(r"(\d+)(-\d+)?\.\w+$", name) for name in names]
        for name, number in zip(names, found, strict=True):
            if number is None:
                raise FootageError(f"{self.path / name} has no frame number")
        numbers = {int(number[1]) for number in found}
        first, last = min(numbers), max(numbers)
        missing = set(range(first, last + 1)) - numbers
        if missing:
            raise FootageError(
                f"frame {min(missing)} is missing in {self.path}, which has {first} "
                f"to {last}"
            )

    def _pictures(self, names, size, how):
        for name in names:
            yield self._open(name, lambda picture: resize(plain(picture), size, how))

    def _open(self, name, use):
        from PIL import Image

        path = self.path / name
        with reading(path), Image.open(path) as picture:
            return use(picture)


def _scan(folder):
    """What is in a folder and not hidden: a list of `os.DirEntry`."""
    with reading(folder), os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]


def resize(picture, size, how="bilinear"):
    """A Pillow picture as uint8 `[H, W, 3]`, RGB.

    Args:
        picture: of Pillow.
        size: `(H, W)` in pixels.
        how: "bilinear" or "lanczos".
    """
    from PIL import Image

    height, width = size
    filters = {
        "bilinear": Image.Resampling.BILINEAR,
        "lanczos": Image.Resampling.LANCZOS,
    }
    return np.asarray(picture.convert("RGB").resize((width, height), filters[how]))


def within(width, height, longest):
    """`(width, height)` of a picture whose longer side is `longest` at most."""
    scale = min(1, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _limited(picture, longest):
    width, height = within(*picture.size, longest)
    return resize(picture, (height, width))


def _verify(picture):
    if picture.format == "PNG":
        picture.verify()  # the checksums of the file, ten times as fast as decoding
    else:
        picture.load()


def _by_number(name):
    parts = re.split(r"(\d+)", name)
    return [int(part) if part.isdigit() else part for part in parts]
