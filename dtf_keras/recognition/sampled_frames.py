"""What comes from a camera, made what a model reads: at its rate and in its form."""

import numpy as np

from dtf_keras.data import ClipError
from dtf_keras.data.clip_kinds import draw_part
from dtf_keras.data.corpora.fingerspelling.frames import FollowingCamera
from dtf_keras.data.footage.found_hands import APART
from dtf_keras.data.footage.frame_folder import resize
from dtf_keras.data.footage.sampling import Resampler
from dtf_keras.landmarks import NUM_POINTS, WRIST, PalmMeasure, PointSampler


class SampledPictures:
    """Pictures for a model that reads pictures.

    Args:
        input_format: `dtf_keras.input_format.InputFormat` with a frame size.
    """

    def __init__(self, input_format):
        self._format = input_format
        self._sampler = Resampler(input_format.frame_rate)
        self._last = self._resized = None

    def push(self, seconds, picture):
        """Takes a picture, uint8 `[H, W, 3]`; returns a list of those that it settles.

        Raises:
            ClipError: another array.
        """
        if (
            not isinstance(picture, np.ndarray)
            or picture.dtype != np.uint8
            or picture.ndim != 3
            or picture.shape[-1] != 3
            or 0 in picture.shape
        ):
            raise ClipError(
                f"The stream reads RGB pictures, uint8 [H, W, 3], not {_said(picture)}."
            )
        return self._sampler.push(seconds, picture)

    def finish(self):
        """The pictures that are left when the clip ends."""
        return self._sampler.finish()

    def ready(self, pictures):
        """Pictures as the model reads them: a list of uint8 `[H, W, 3]`."""
        return [self._ready(picture) for picture in pictures]

    def _ready(self, picture):
        from PIL import Image

        if picture is not self._last:  # a slow camera's come several times
            size, (top, left) = self._format.read_size, self._format.corner
            whole = resize(Image.fromarray(picture), size, self._format.resize)
            rows = slice(top, top + self._format.height)
            columns = slice(left, left + self._format.width)
            self._last, self._resized = picture, whole[rows, columns]
        return self._resized


class SampledHand:
    """The points of a hand, for a model that reads them or drawings of them.

    Args:
        input_format: `dtf_keras.input_format.InputFormat`.
        finder: finds the points in pictures; `None` where no pictures come.

    Attributes:
        seen: seconds of the last frame with a hand; `None` before the first.
    """

    def __init__(self, input_format, finder=None):
        self._format, self._finder = input_format, finder
        self._sampler = PointSampler(input_format.frame_rate)
        self._measure = PalmMeasure(input_format.frame_rate)
        self._camera = FollowingCamera()
        self._looked = -np.inf
        self.seen = None

    def push(self, seconds, frame):
        """Takes a frame: a picture, points `[21, 2 or 3]`, or `None` without a hand.

        Returns:
            List of the frames in palm lengths that it settles, each float32 `[21, 2]`.

        Raises:
            ClipError: a picture and no finder, or another array.
        """
        points = frame
        if np.ndim(frame) == 3:
            if self._finder is None:
                raise ClipError(
                    "The stream reads the points of a hand: give it a finder, which "
                    "finds them in pictures, such as dtf_keras.landmarks.HandFinder."
                )
            if seconds - self._looked < APART:
                return []
            self._looked = seconds
            points = self._finder.find(frame, seconds)
        if points is not None:
            points = np.asarray(points, "float64")
            if points.ndim != 2 or len(points) != NUM_POINTS or points.shape[1] < 2:
                raise ClipError(
                    f"The stream reads the points of a hand, [{NUM_POINTS}, 2 or 3], "
                    f"not {_said(frame)}."
                )
            points = points[:, :2]
            if not np.isnan(points[WRIST]).any():
                self.seen = seconds
        return self._measured(self._sampler.push(seconds, points))

    def finish(self):
        """The frames that are left when the clip ends."""
        return self._measured(self._sampler.finish()) + self._measure.flush()

    def ready(self, points):
        """Points as the model reads them: a list of themselves, or of drawings."""
        if self._format.of_landmarks:
            return points
        return list(draw_part(np.stack(points), self._format.frame_size, self._camera))

    def _measured(self, frames):
        return [one for frame in frames for one in self._measure.push(frame)]


def _said(frame):
    shape = getattr(frame, "shape", None)
    if shape is None:
        return f"an object of type {type(frame).__name__}"
    return f"{frame.dtype} {list(shape)}"
