"""Which frames of a clip give a steady frame rate: the nearest in time."""

import collections

import numpy as np

from dtf_keras.data.footage.frame_folder import FootageError

TIE = 1e-6  # seconds; times in a file are rounded


def sample(times, frame_rate):
    """Which frames of a video give a steady frame rate.

    Args:
        times: list of float, ascending, when each frame is shown, in seconds.
        frame_rate: float, frames a second.

    Returns:
        int64 `[T]`, ascending; the last frame is taken to last as long as the others
        do on average.

    Raises:
        FootageError: no frame.
    """
    if not len(times):
        raise FootageError("the video has no frame")
    times = np.asarray(times, "float64") - times[0]
    wanted = np.arange(_count(times[-1], len(times), frame_rate)) / frame_rate
    after = np.searchsorted(times, wanted).clip(0, len(times) - 1)
    before = (after - 1).clip(0)
    # The earlier of two that are equally near.
    later = wanted - times[before] > times[after] - wanted + TIE
    return np.where(later, after, before)


def resample(timed, frame_rate):
    """The frames that `sample` chooses, as a stream: few are held at a time.

    Args:
        timed: iterable of `(seconds, frame)`, ascending in time.
        frame_rate: float, frames a second.

    Yields:
        The frames at a steady rate; a slow clip gives the same object several times.

    Raises:
        FootageError: no frame.
    """
    resampler = Resampler(frame_rate)
    for time, frame in timed:
        yield from resampler.push(time, frame)
    yield from resampler.finish()


class Resampler:
    """The frames that `sample` chooses of a clip that is still going on.

    Args:
        frame_rate: float, frames a second.
    """

    def __init__(self, frame_rate):
        self._rate = frame_rate
        self._waiting = collections.deque()  # the clip may end before their time
        self._given = self._chosen = self._count = 0
        self._first = self._before = None

    def push(self, time, frame):
        """Takes the next frame, shown at `time` seconds; returns a list of frames.

        They are those that the clip has at the rate until then, whenever it ends.
        """
        self._count += 1
        if self._before is None:
            self._first, self._before = time, (0.0, frame)
        time -= self._first
        last, before = self._before
        while self._chosen / self._rate <= time:
            wanted = self._chosen / self._rate
            later = wanted - last > time - wanted + TIE
            self._waiting.append(frame if later else before)
            self._chosen += 1
        self._before = time, frame
        count = round(time * self._rate) - self._given
        self._given += count
        return [self._waiting.popleft() for _ in range(count)]

    def finish(self):
        """The frames that are left when the clip ends.

        Raises:
            FootageError: no frame.
        """
        if self._before is None:
            raise FootageError("the clip has no frame")
        time, frame = self._before
        left = _count(time, self._count, self._rate) - self._given
        return [
            self._waiting.popleft() if self._waiting else frame for _ in range(left)
        ]


def _count(last, num_frames, frame_rate):
    """Frames at the rate for `num_frames` frames, the last of them at `last` s."""
    mean = last / (num_frames - 1) if num_frames > 1 else 0.0
    return max(1, round((last + mean) * frame_rate))
