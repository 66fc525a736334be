"""A `.pose` recording of one's own, drawn as the clips of this corpus are."""

import dataclasses
import functools
import pathlib
import struct

import numpy as np

from dtf_keras.data.corpora.fingerspelling import frames, motion, recordings, words
from dtf_keras.data.footage.frame_folder import FootageError

DRAWN_AT_ONCE = 64  # frames
DRAWN_AS = 2  # raise it when frames change: what was read before then counts no more

# What pose-format raises on another file, or one that is cut off.
_NOT_A_POSE = (ValueError, TypeError, IndexError, StopIteration, struct.error)


class PoseFile:
    """A MediaPipe-holistic `.pose` file of somebody spelling.

    The signing hand is drawn, as a right hand, at 25 frames a second, from straight in
    front and always in the same colours. As in the corpus, it fills the picture, and
    raising it before and lowering it after the signing is left out. Of a language that
    spells with both hands the right one is drawn.

    Args:
        path: the file.

    Raises:
        ModuleNotFoundError: pose-format is not installed.
    """

    def __init__(self, path):
        recordings.require("pose_format", "A .pose file")
        self.path = pathlib.Path(path)

    def fingerprint(self):
        """Another string when the file changes; reads none of it."""
        if not self.path.is_file():
            raise FootageError(f"there is no file {self.path}")
        state = self.path.stat()
        return f"{DRAWN_AS}-{state.st_size}-{state.st_mtime_ns}"

    def check(self):
        """Reads the file once; returns the number of frames.

        Raises:
            FootageError: no such file, or not a recording of a hand.
        """
        return len(self._track()[0])

    def start(self):
        """When the first frame is, in seconds of the recording.

        Raises:
            FootageError: as `check`.
        """
        return self._track()[1]

    def read(self, size, how="bilinear"):
        """The frames: uint8 `[T, H, W, 3]`, RGB.

        Args:
            size: `(H, W)` in pixels.
            how: as for `FrameFolder`; a drawing is not resized.

        Raises:
            FootageError: as `check`.
        """
        return frames.render(self._film(), _look(), size)

    def frames(self, size, how="bilinear"):
        """The frames of `read` one by one: yields uint8 `[H, W, 3]`, RGB.

        Raises:
            FootageError: as `check`.
        """
        moved = self._film()
        for first in range(0, len(moved.points), DRAWN_AT_ONCE):
            part = moved.points[first : first + DRAWN_AT_ONCE]
            yield from frames.render(
                dataclasses.replace(moved, points=part), _look(), size
            )

    def _film(self):
        track, _ = self._track()
        centre = np.median(track[:, recordings.HAND].mean(axis=1), axis=0)
        return motion.film(track, centre=centre)

    def _track(self):
        """The landmarks while somebody signs, and the seconds at which that begins."""
        self.fingerprint()
        content = self.path.read_bytes()
        try:
            left_handed = recordings.is_left_handed(content)
            track, start = recordings.read_timed_track(content, left_handed)
            first, last = recordings.sign_span(track, stroke=True)
            return track[first:last], start + first / recordings.FRAME_RATE
        except _NOT_A_POSE as error:
            raise FootageError(
                f"{self.path} is no MediaPipe-holistic recording of a signing hand"
            ) from error


@functools.cache
def _look():
    return frames.draw_look(words.generator("pose file", 0, 0))
