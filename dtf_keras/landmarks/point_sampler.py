"""Points at a steady rate, of a hand that is still being watched."""

import numpy as np

from dtf_keras.landmarks.gaps import BRIDGED, interpolate
from dtf_keras.landmarks.points import NUM_POINTS, WRIST

_ROUNDING = 1e-9  # seconds, as `interpolate` allows


class PointSampler:
    """The points of `HandLandmarks.at_rate`, of a clip that is still going on.

    They are the same for a clip of five frames a second or more: of a slower one only
    its end would tell that its frames are no gaps. A point that is not seen is waited
    for until it is seen again or 0.3 seconds are over.

    Args:
        frame_rate: frames a second to give.
    """

    def __init__(self, frame_rate):
        self._rate = frame_rate
        self._times, self._points = [], []  # of the frames that may still matter
        self._last_seen = np.full(NUM_POINTS, -np.inf)
        self._first = None
        self._count = self._given = 0

    def push(self, seconds, points):
        """Takes the next frame.

        Args:
            seconds: when it was, later than the one before.
            points: `[21, 2]`, NaN where a point was not seen; without a wrist there is
                no hand, nor is there one in `None`.

        Returns:
            List of the frames at the rate that no later frame can change, each float64
            `[21, 2]`.
        """
        if self._first is None:
            self._first = seconds
        now = seconds - self._first
        points = np.full((NUM_POINTS, 2), np.nan) if points is None else points
        points = np.array(points, "float64")
        if np.isnan(points[WRIST]).any():
            points[:] = np.nan
        self._times.append(now)
        self._points.append(points)
        self._count += 1
        self._last_seen[~np.isnan(points).any(axis=-1)] = now
        lost = self._last_seen < now - BRIDGED - _ROUNDING
        settled = self._last_seen[~lost].min(initial=now)
        count = int((settled + _ROUNDING / 2) * self._rate) + 1
        return self._give(min(count, round(now * self._rate)), now)

    def finish(self):
        """The frames that are left when the clip ends, as `push` gives them."""
        if not self._count:
            return []
        last = self._times[-1]
        mean = last / (self._count - 1) if self._count > 1 else 0.0
        return self._give(max(1, round((last + mean) * self._rate)), last)

    def _give(self, count, last):
        """The frames from the first that was not given to `count`."""
        if count <= self._given:
            return []
        wanted = np.minimum(np.arange(self._given, count) / self._rate, last)
        times, points = np.array(self._times), np.stack(self._points)
        given = interpolate(times, points, wanted, BRIDGED)
        self._given = count
        reached = times >= min(count / self._rate, last) - BRIDGED - 2 * _ROUNDING
        old = int(np.argmax(reached))
        del self._times[:old], self._points[:old]
        return list(given)
