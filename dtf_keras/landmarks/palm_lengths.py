"""The measure in which models read hands: palm lengths, from the hand's own root.

People hold a hand near a camera or far from it, so pixels mean nothing. A frame's own
palm is no measure either, as it shortens where the hand is turned. So points are
divided by the median palm of the last seconds, and followed from frame to frame by
where the wrist went. Nothing else of the picture is left. The rule looks ahead only in
the first second of a hand; so a camera can be read as it comes, and gives the same.
The web page repeats this file in JavaScript; a test compares the two.
"""

import collections
import statistics

import numpy as np

from dtf_keras.landmarks.points import KNUCKLES, NUM_POINTS, WRIST

MEMORY = 4.0  # seconds whose median is the measure
SETTLING = 1.0  # seconds of a new hand after which its measure is known
BREADTH = 1.35  # how much longer a palm is than its knuckles are broad


class PalmMeasure:
    """Points of one hand, frame by frame, in palm lengths.

    Args:
        frame_rate: frames a second.
    """

    def __init__(self, frame_rate):
        self._memory = round(MEMORY * frame_rate)
        self._settling = round(SETTLING * frame_rate)
        self._palms = collections.deque()  # (number of the frame, length)
        self._waiting = []  # frames of a hand whose measure is not known yet
        self._count = 0
        self._since = None  # number of the first frame of this hand
        self._wrist = None  # of the frame before, as it came
        self._place = np.zeros(2)  # of the wrist, in palm lengths

    def push(self, points):
        """Takes the next frame.

        Args:
            points: `[21, 2]`, all in one unit, as long to the right as down. NaN where
                a point was not seen; without the wrist the hand was not.

        Returns:
            List of the frames that are settled by it, each float32 `[21, 2]`: none
            while a new hand settles, then all that waited, then one a frame.
        """
        points = np.asarray(points, "float64")
        return self._push(points, float(palm_length(points[None])[0]))

    def _push(self, points, palm):
        number, self._count = self._count, self._count + 1
        while self._palms and self._palms[0][0] <= number - self._memory:
            self._palms.popleft()
        if not np.isnan(points[WRIST]).any():
            if not self._palms:
                self._since = number
            self._palms.append((number, palm))
        self._waiting.append(points)
        if self._palms and number < self._since + self._settling - 1:
            return []
        return self.flush()

    def flush(self):
        """The frames that wait, at the end of a clip; as `push`."""
        waiting, self._waiting = self._waiting, []
        lengths = [length for _, length in self._palms if length > 0]
        scale = statistics.median(lengths) if lengths else 1.0
        return [self._measured(points, scale) for points in waiting]

    def _measured(self, points, scale):
        wrist = points[WRIST]
        if np.isnan(wrist).any():
            self._wrist = None
            return np.full((NUM_POINTS, 2), np.nan, "float32")
        if self._wrist is not None:
            self._place = self._place + (wrist - self._wrist) / scale
        self._wrist = wrist
        return ((points - wrist) / scale + self._place).astype("float32")


def in_palm_lengths(points, frame_rate):
    """Points of a whole clip in palm lengths.

    Args:
        points: `[T, 21, 2]`, as `PalmMeasure.push` takes each.
        frame_rate: frames a second.

    Returns:
        float32 `[T, 21, 2]`; NaN where they were.
    """
    measure = PalmMeasure(frame_rate)
    points = np.asarray(points, "float64")
    palms = palm_length(points).tolist()
    settled = [
        frame
        for one, palm in zip(points, palms, strict=True)
        for frame in measure._push(one, palm)
    ]
    settled += measure.flush()
    return np.stack(settled) if settled else np.empty((0, NUM_POINTS, 2), "float32")


def palm_length(points):
    """How long palms look: `[N, 21, 2]` to `[N]`, in their unit; 0 without a knuckle.

    From the wrist to the knuckles, or what their breadth says if that is more: a hand
    that points at the camera or lies on its side keeps one of the two.
    """
    knuckles = points[:, KNUCKLES]
    lengths = np.hypot(*np.moveaxis(knuckles - points[:, [WRIST]], -1, 0))
    seen = ~np.isnan(lengths)
    along = np.where(seen, lengths, 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    breadth = np.hypot(*(knuckles[:, 0] - knuckles[:, -1]).T)
    return np.fmax(along, BREADTH * breadth)
