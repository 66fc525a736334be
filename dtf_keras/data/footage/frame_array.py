"""The frames of a clip as an array in memory."""

import hashlib

import numpy as np

from dtf_keras.data.footage.frame_folder import FootageError, resize, within


class FrameArray:
    """Frames as an array.

    Args:
        frames: array or tensor `[T, H, W, 3]`, RGB, integers 0..255 or floats 0..1.
        frame_rate: float, frames a second that they have.

    Raises:
        FootageError: something else.
    """

    def __init__(self, frames, frame_rate):
        self._frames = _checked(frames)
        self.frame_rate = frame_rate

    def frames(self, size, how="bilinear"):
        """The frames resized, as those of `FrameFolder`.

        Raises:
            FootageError: values that are no pixels.
        """
        from PIL import Image

        for number in range(len(self._frames)):
            yield resize(Image.fromarray(self._pixels(number)), size, how)

    def timed(self, longest):
        """As `Video.timed`."""
        height, width = self._frames.shape[1:3]
        width, height = within(width, height, longest)
        for number, frame in enumerate(self.frames((height, width))):
            yield number / self.frame_rate, frame

    def seconds(self):
        """How long the clip is."""
        return len(self._frames) / self.frame_rate

    def content(self):
        """Another string when frames or their rate change."""
        told = f"{float(self.frame_rate)} {self._frames.shape} {self._frames.dtype}"
        digest = hashlib.sha256(told.encode())
        for frame in self._frames:
            digest.update(np.ascontiguousarray(frame))
        return digest.hexdigest()

    def _pixels(self, number):
        frame = self._frames[number]
        whole_numbers = frame.dtype.kind in "ui"
        top = 255 if whole_numbers else 1.0
        low, high = frame.min(), frame.max()
        if not (low >= 0 and high <= top):
            raise FootageError(
                f"frame {number} has values from {low:g} to {high:g}, but "
                f"{frame.dtype} frames go from 0 to {top:g}"
            )
        if not whole_numbers:
            frame = np.rint(255 * frame.astype("float32"))
        return frame.astype("uint8")


def _checked(frames):
    if not isinstance(frames, np.ndarray):
        from keras import ops

        frames = ops.convert_to_numpy(frames)
    shape = frames.shape
    if frames.ndim == 5:
        raise FootageError(
            f"it has the shape {shape}: of a batch give list(batch), a clip is an "
            "array [T, H, W, 3]"
        )
    if frames.ndim == 3 and shape[1:] in ((21, 2), (21, 3)):
        raise FootageError(
            f"it has the shape {shape}: of hand landmarks make a clip with "
            "dtf_keras.landmarks.HandLandmarks(points, frame_rate=...)"
        )
    if frames.ndim != 4 or shape[-1] != 3 or 0 in shape:
        raise FootageError(
            f"it has the shape {shape}: a clip is an array [T, H, W, 3] of RGB frames"
        )
    if frames.dtype.kind not in "uif":
        raise FootageError(
            f"it holds {frames.dtype}: give integers 0..255 or floats 0..1"
        )
    return frames
