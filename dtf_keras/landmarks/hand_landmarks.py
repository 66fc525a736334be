"""A clip that is no video: the points of a hand."""

import numpy as np

from dtf_keras.landmarks.gaps import BRIDGED, interpolate
from dtf_keras.landmarks.points import NUM_POINTS, WRIST
from dtf_keras.values import one_of, real_number

UNITS = ("pixels", "fractions")
HANDS = ("right", "left")


class LandmarkError(ValueError):
    """Landmarks that cannot be read; the sentence says what is wrong with them."""


class HandLandmarks:
    """The points of the hand that signs, frame by frame: a clip like any other.

    Args:
        points: array `[T, 21, 2]`, or `[T, 21, 3]` of which the depth is not read, in
            the order of MediaPipe's hand: x to the right, y down. NaN where a point
            was not seen; a frame without a wrist has no hand.
        frame_rate: frames a second; or give `times`.
        times: seconds of each frame, `[T]`, rising.
        unit: "pixels", or "fractions" of the picture's width and height.
        picture_size: `(height, width)` in pixels, which fractions need.
        hand: "right" or "left", as the signer has it; a left hand is read mirrored.
        mirrored: whether the picture shows left and right exchanged, as in a mirror.

    Attributes:
        points: float64 `[T, 21, 2]` of a right hand, as long to the right as down.
        times: float64 `[T]`, seconds.

    Raises:
        LandmarkError: another shape, no hand in any frame, neither or both of
            `frame_rate` and `times`, times that do not rise, or numbers that are no
            pixels.
    """

    def __init__(
        self,
        points,
        frame_rate=None,
        times=None,
        unit="pixels",
        picture_size=None,
        hand="right",
        mirrored=False,
    ):
        one_of("unit", unit, UNITS)
        one_of("hand", hand, HANDS)
        points = np.array(points, "float64")
        if points.ndim != 3 or points.shape[1] != NUM_POINTS or points.shape[2] < 2:
            raise LandmarkError(
                f"hand landmarks are an array [T, {NUM_POINTS}, 2 or 3], not one of "
                f"shape {points.shape}"
            )
        points = points[:, :, :2]
        if np.isinf(points).any():
            raise LandmarkError("hand landmarks are finite, or NaN where none was seen")
        seen = ~np.isnan(points[:, WRIST]).any(axis=1)
        if not seen.any():
            raise LandmarkError("the landmarks show a hand in no frame")
        points[~seen] = np.nan
        points *= _pixels(points, unit, picture_size)
        if (hand == "left") != mirrored:
            points[..., 0] *= -1
        self.points = points
        self.times = _times(len(points), frame_rate, times)

    def __len__(self):
        return len(self.points)

    def __repr__(self):
        seen = int((~np.isnan(self.points[:, WRIST, 0])).sum())
        seconds = self.times[-1] - self.times[0]
        return f"HandLandmarks({len(self)} frames, {seen} with a hand, {seconds:.2f} s)"

    def at_rate(self, frame_rate):
        """The points at a steady rate: float64 `[T', 21, 2]`.

        A point is where the straight line between the two frames around puts it. Up to
        0.3 seconds without a hand, or a point of it, are filled in that way; for longer
        it is NaN.

        Args:
            frame_rate: frames a second.
        """
        last = self.times[-1] - self.times[0]
        mean = last / (len(self) - 1) if len(self) > 1 else 0.0
        count = max(1, round((last + mean) * frame_rate))
        wanted = np.minimum(np.arange(count) / frame_rate, last)
        times = self.times - self.times[0]
        # Frames that are farther apart than that are no gap, but a low rate.
        bridged = max(BRIDGED, 1.5 * mean)
        return interpolate(times, self.points, wanted, bridged)


def _pixels(points, unit, picture_size):
    """`(x, y)`: how many pixels a unit is long."""
    if picture_size is not None:
        try:
            height, width = (
                real_number("picture_size", side, above=0) for side in picture_size
            )
        except TypeError:
            raise LandmarkError(
                f"picture_size is (height, width) in pixels, not {picture_size!r}"
            ) from None
    if unit == "pixels":
        if np.nanmax(np.abs(points)) <= 2:
            raise LandmarkError(
                "no coordinate of the landmarks is above 2, so that they are no pixels:"
                " give unit='fractions' and picture_size=(height, width)"
            )
        return np.ones(2)
    if picture_size is None:
        raise LandmarkError(
            "fractions of a picture are of different length to the right and down: "
            "give picture_size=(height, width) in pixels"
        )
    return np.array([width, height])


def _times(count, frame_rate, times):
    if (frame_rate is None) == (times is None):
        raise LandmarkError("hand landmarks need either a frame_rate or their times")
    if times is None:
        return np.arange(count) / real_number("frame_rate", frame_rate, above=0)
    times = np.array(times, "float64")
    if times.shape != (count,) or not np.isfinite(times).all():
        raise LandmarkError(
            f"times are {count} seconds, one a frame; these have shape {times.shape}"
        )
    if (np.diff(times) <= 0).any():
        raise LandmarkError("times must rise from frame to frame")
    return times
