"""Chance in training: where a clip is cropped, which of its frames are shown."""

import dataclasses
import zlib

import numpy as np

from dtf_keras.values import real_number, share, whole_number


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
        """Writes the view of `frames` `[N, R, S, 3]` to `out` `[T, H, W, 3]`, uint8."""
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

    Source: the recipe of the plain full-convolution network, where each frame has its
    own crop; here a clip has one, so that nothing jumps.
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
            raise ValueError(f"crop must be true or false. Received: {self.crop!r}.")
        for name in ("repeat", "flip"):
            share(name, getattr(self, name))
        real_number("drop", self.drop, at_least=0, below=1)
        if self.max_frames is not None:
            whole_number("max_frames", self.max_frames)

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
            margin: `(rows, columns)`, pixels by which a frame is larger than its crop.
        """
        place = rng.random(3)
        twice = _choose(rng, num_frames, int(self.repeat * num_frames))
        frames = np.sort(np.concatenate([np.arange(num_frames), twice]), kind="stable")
        frames = frames[_choose(rng, len(frames), self.num_frames(num_frames, least))]
        margin = np.asarray(margin)
        corner = margin // 2
        if self.crop:
            corner = (place[:2] * (margin + 1)).astype("int64")
        top, left = corner.tolist()
        return View(frames, top, left, bool(place[2] < self.flip))


def view_generator(seed, epoch, clip_id):
    """The random numbers of one clip in one epoch, independent of all others."""
    key = [seed, epoch, zlib.crc32(clip_id.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def _choose(rng, total, number):
    """`number` of `range(total)`, each as likely as any other, ascending."""
    return np.sort(np.argsort(rng.random(total), kind="stable")[:number])
