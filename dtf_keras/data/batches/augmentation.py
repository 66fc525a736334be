"""Chance in training: where a clip is cropped, which of its frames are shown."""

import dataclasses
import numbers
import zlib

import numpy as np

from dtf_keras.data.validation import check_whole_number


@dataclasses.dataclass(frozen=True)
class View:
    """What an epoch shows of a clip.

    Attributes:
        frames: int64 `[T]`, ascending indices of the frames; some come twice.
        top: int, first row of the crop in pixels.
        left: int, first column of the crop in pixels.
        mirrored: bool, whether left and right are exchanged.
    """

    frames: np.ndarray
    top: int
    left: int
    mirrored: bool

    def show(self, frames, out):
        """Writes the view of `frames` `[N, R, R, 3]` to `out` `[T, H, W, 3]`, uint8."""
        _, height, width, _ = out.shape
        rows = slice(self.top, self.top + height)
        columns = slice(self.left, self.left + width)
        # One by one, because fancy indexing copies all of the crop first.
        for shown, index in zip(out, self.frames, strict=True):
            crop = frames[index, rows, columns]
            shown[:] = crop[:, ::-1] if self.mirrored else crop


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """How a training clip differs from epoch to epoch.

    How many frames are shown depends on the clip alone, so that batches can be
    planned; which ones, and the crop, depend on chance. A clip is never made too
    short for its glosses: for that, fewer frames are dropped, or more than
    `max_frames` are shown.

    Source: the training recipe of the source project, where each frame has its own
    crop; here a clip has one, so that nothing jumps.
    """

    crop: bool = True
    """Crop the frames anywhere; otherwise at the centre."""
    repeat: float = 0.2
    """Share of the frames that are shown twice."""
    drop: float = 0.2
    """Share that is then left out."""
    max_frames: int | None = 300
    """Most frames of a clip; None: no limit."""
    flip: float = 0.0
    """Share of the clips whose left and right are exchanged. It changes signs."""

    def __post_init__(self):
        if not isinstance(self.crop, bool):
            raise ValueError(f"crop is true or false, not {self.crop!r}.")
        for name in ("repeat", "drop", "flip"):
            value = getattr(self, name)
            number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if not number or not 0 <= value <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {value!r}.")
        if self.drop == 1:
            raise ValueError("drop is 1, which leaves no frame: give less.")
        if self.max_frames is not None:
            check_whole_number("max_frames", self.max_frames, 1)

    def num_frames(self, num_frames, least):
        """T of the view of a clip.

        Args:
            num_frames: int, frames of the clip.
            least: int, frames that its glosses need, at most `num_frames`.
        """
        shown = num_frames + int(self.repeat * num_frames)
        shown = int((1 - self.drop) * shown)
        if self.max_frames is not None:
            shown = min(shown, self.max_frames)
        return max(shown, least, 1)

    def draw(self, rng, num_frames, least, margin):
        """The `View` of a clip.

        Args:
            rng: `numpy.random.Generator`; only its `random` is used, whose stream is
                the same everywhere.
            num_frames: int, frames of the clip.
            least: int, frames that its glosses need, at most `num_frames`.
            margin: int, pixels by which a frame is larger than its crop.
        """
        place = rng.random(3)
        twice = _choose(rng, num_frames, int(self.repeat * num_frames))
        frames = np.sort(np.concatenate([np.arange(num_frames), twice]), kind="stable")
        frames = frames[_choose(rng, len(frames), self.num_frames(num_frames, least))]
        top = left = margin // 2
        if self.crop:
            top, left = (place[:2] * (margin + 1)).astype("int64").tolist()
        return View(frames, top, left, bool(place[2] < self.flip))


def view_generator(seed, epoch, clip_id):
    """The random numbers of one clip in one epoch, independent of all others."""
    key = [seed, epoch, zlib.crc32(clip_id.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def _choose(rng, total, number):
    """`number` of `range(total)`, each as likely as any other, ascending."""
    return np.sort(np.argsort(rng.random(total), kind="stable")[:number])
