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
        """Writes the view of frames to `out`.

        Args:
            frames: uint8 `[N, R, S, 3]`, or points `[N, 21, 2]`.
            out: `[T, H, W, 3]`, or `[T, 21, 2]`.
        """
        if out.ndim == 3:
            np.take(frames, self.frames, axis=0, out=out)
            out[..., 0] *= -1 if self.mirrored else 1
            return
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

    Which frames are shown, and the crop, depend on chance. How many are shown depends
    on the clip alone, or with `rescale` on chance too. A clip is never made too short
    for its glosses: for that, fewer frames are dropped, or more than `max_frames` are
    shown.

    Sources: `repeat` and `drop` are of the recipe of the plain full-convolution
    network, where each frame has its own crop; here a clip has one, so that nothing
    jumps. `rescale` is of Min et al., "Visual alignment constraint for continuous sign
    language recognition", 2021, with 0.8 to 1.2, 32 to 230 frames and a multiple of 4.
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
    rescale: tuple[float, float] | None = None
    """Least and greatest factor of a clip's length, drawn anew in each epoch; None: no
    other lengths. `repeat` and `drop` must then be 0. Of a shorter clip no frame comes
    twice; those of a longer one are drawn with replacement."""
    min_frames: int = 1
    """Fewest frames of a clip that is rescaled."""
    multiple: int = 1
    """The length of a clip that is rescaled is rounded up to a multiple of it."""

    def __post_init__(self):
        if not isinstance(self.crop, bool):
            raise ValueError(f"crop must be true or false. Received: {self.crop!r}.")
        for name in ("repeat", "flip"):
            share(name, getattr(self, name))
        real_number("drop", self.drop, at_least=0, below=1)
        if self.max_frames is not None:
            whole_number("max_frames", self.max_frames)
        whole_number("min_frames", self.min_frames)
        whole_number("multiple", self.multiple)
        if self.rescale is not None:
            self._check_rescale()
        elif (self.min_frames, self.multiple) != (1, 1):
            raise ValueError("min_frames and multiple must be 1 without rescale.")

    def _check_rescale(self):
        factors = self.rescale
        if not isinstance(factors, list | tuple) or len(factors) != 2:
            raise ValueError(
                f"rescale must be a pair of factors or null. Received: {factors!r}."
            )
        low = real_number("rescale", factors[0], above=0)
        high = real_number("rescale", factors[1], at_least=low)
        object.__setattr__(self, "rescale", (low, high))
        if self.repeat or self.drop:
            raise ValueError("repeat and drop must be 0 with rescale.")
        if self.max_frames is not None and self.max_frames < self.min_frames:
            raise ValueError(
                f"max_frames must be at least min_frames, {self.min_frames}. "
                f"Received: {self.max_frames}."
            )

    @property
    def lengths_change(self):
        """Whether a clip has another length in each epoch."""
        return self.rescale is not None

    def possible_lengths(self, num_frames, least):
        """Frames of the view of a clip: a few values, spread as chance spreads them.

        Args:
            num_frames: int, frames of the clip.
            least: int, frames that its glosses need, at most `num_frames`.

        Returns:
            List of int, ascending; the last is the most there can be.
        """
        if self.rescale is None:
            return [self._length(num_frames, least)]
        return [self._length(num_frames, least, at) for at in np.linspace(0, 1, 9)]

    def num_frames(self, rng, num_frames, least):
        """Frames of the view that `draw` gives for the same arguments."""
        return self._length(num_frames, least, self._chance(rng)[-1])

    def draw(self, rng, num_frames, least, margin):
        """The `View` of a clip.

        Args:
            rng: `numpy.random.Generator`; only its `random` is used, whose stream is
                the same everywhere.
            num_frames: int, frames of the clip.
            least: int, frames that its glosses need, at most `num_frames`.
            margin: `(rows, columns)`, pixels by which a frame is larger than its crop.
        """
        chance = self._chance(rng)
        length = self._length(num_frames, least, chance[-1])
        if self.rescale is None:
            twice = _choose(rng, num_frames, int(self.repeat * num_frames))
            frames = np.sort(np.concatenate([np.arange(num_frames), twice]))
            frames = frames[_choose(rng, len(frames), length)]
        else:
            frames = _choose_any(rng, num_frames, length)
        margin = np.asarray(margin)
        corner = margin // 2
        if self.crop:
            corner = (chance[:2] * (margin + 1)).astype("int64")
        top, left = corner.tolist()
        return View(frames, top, left, bool(chance[2] < self.flip))

    def _chance(self, rng):
        """Row, column, whether to mirror and, with `rescale`, the length; 0 to 1."""
        return rng.random(3 if self.rescale is None else 4)

    def _length(self, num_frames, least, place=None):
        """Frames of the view; of `rescale` with the factor at a place from 0 to 1."""
        if self.rescale is None:
            shown = num_frames + int(self.repeat * num_frames)
            shown = int((1 - self.drop) * shown)
        else:
            low, high = self.rescale
            shown = max(int(num_frames * (low + place * (high - low))), self.min_frames)
        if self.max_frames is not None:
            shown = min(shown, self.max_frames)
        return -(-max(shown, least, 1) // self.multiple) * self.multiple


def view_generator(seed, epoch, clip_id):
    """The random numbers of one clip in one epoch, independent of all others."""
    key = [seed, epoch, zlib.crc32(clip_id.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def _choose(rng, total, number):
    """`number` of `range(total)`, each as likely as any other, ascending."""
    return np.sort(np.argsort(rng.random(total), kind="stable")[:number])


def _choose_any(rng, total, number):
    """As `_choose`; if `number` is more than `total`, with replacement."""
    if number <= total:
        return _choose(rng, total, number)
    return np.sort((rng.random(number) * total).astype("int64"))
