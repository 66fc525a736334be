"""What is not seen for a moment is filled in."""

import numpy as np

from dtf_keras.landmarks.points import NUM_POINTS, WRIST

BRIDGED = 0.3  # seconds


def interpolate(times, points, wanted, bridged):
    """Where points are at other times: on the straight line between two frames.

    Args:
        times: float `[N]`, seconds, rising.
        points: float `[N, 21, 2]`, NaN where a point was not seen.
        wanted: float `[T]`, seconds, rising.
        bridged: seconds; a point that was not seen for longer is NaN meanwhile, as it
            is before it was first seen and after it was last.

    Returns:
        float64 `[T, 21, 2]`; without a wrist no point is left.
    """
    out = np.full((len(wanted), NUM_POINTS, 2), np.nan)
    seen = ~np.isnan(points).any(axis=-1)
    together = {}  # points that are seen in the same frames
    for point in range(NUM_POINTS):
        together.setdefault(seen[:, point].tobytes(), []).append(point)
    for same in together.values():
        (frames,) = np.nonzero(seen[:, same[0]])
        if len(frames):
            tracks = points[frames][:, same]
            out[:, same] = _between(times[frames], tracks, wanted, bridged)
    out[np.isnan(out[:, WRIST]).any(axis=1)] = np.nan
    return out


def bridge_gaps(points, frame_rate):
    """Points at a steady rate, `[T, 21, 2]`, with gaps of up to 0.3 seconds filled."""
    times = np.arange(len(points)) / frame_rate
    return interpolate(times, points, times, BRIDGED)


def _between(times, tracks, wanted, bridged):
    after = np.searchsorted(times, wanted - 1e-9)
    before = np.searchsorted(times, wanted + 1e-9, "right") - 1
    inside = (before >= 0) & (after < len(times))
    after, before = after.clip(max=len(times) - 1), before.clip(min=0)
    gap = times[after] - times[before]
    part = (wanted - times[before]) / np.where(gap > 0, gap, 1.0)
    start, end = tracks[before], tracks[after]
    values = start + (end - start) * part[:, None, None]
    values[~inside | (gap > bridged + 1e-9)] = np.nan
    return values
