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
    waiting = collections.deque()  # chosen, but the clip may end before their time
    given = chosen = count = 0
    first = before = None
    for time, frame in timed:
        count += 1
        first = time if first is None else first
        time -= first
        if before is None:
            before = time, frame
        while chosen / frame_rate <= time:
            wanted = chosen / frame_rate
            later = wanted - before[0] > time - wanted + TIE
            waiting.append(frame if later else before[1])
            chosen += 1
        before = time, frame
        while given < round(time * frame_rate):
            yield waiting.popleft()
            given += 1
    if before is None:
        raise FootageError("the clip has no frame")
    for _ in range(given, _count(before[0], count, frame_rate)):
        yield waiting.popleft() if waiting else before[1]


def _count(last, num_frames, frame_rate):
    """Frames at the rate for `num_frames` frames, the last of them at `last` s."""
    mean = last / (num_frames - 1) if num_frames > 1 else 0.0
    return max(1, round((last + mean) * frame_rate))
