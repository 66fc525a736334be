"""A clip as each kind of model reads it, whatever it is kept in.

What is here takes footage: `Video`, `FrameFolder`, `FrameArray` (pictures), `PoseFile`,
`LandmarkSequence` or `HandLandmarks` (points), and gives frames as footage does, of one
kind.
"""

import functools

import numpy as np

from dtf_keras.data.corpora.fingerspelling import frames, words
from dtf_keras.data.corpora.fingerspelling.drawn import is_drawn
from dtf_keras.data.footage.found_hands import (
    find_hand,
    hand_of,
    looked_at,
    silent,
)
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.hand_view import about_hand, on_plain_ground
from dtf_keras.data.footage.landmark_table import LandmarkSequence
from dtf_keras.data.footage.pose_file import PoseFile
from dtf_keras.data.footage.sampling import resample
from dtf_keras.landmarks import WRIST, HandLandmarks, finder_version, in_palm_lengths

OF_POINTS = (PoseFile, LandmarkSequence, HandLandmarks)
"""Footage in which no hand has to be looked for."""
DRAWN_AT_ONCE = 64  # frames
LOOKED_AT = 128  # pixels of the longer side in which drawings are told
READ_AS = 3  # raise it when frames change: what was read before then counts no more


def of_kind(footage, kind, frame_rate, mirrored=False, cache_dir=None, say=silent):
    """Footage as models of a kind read it.

    Args:
        footage: `Video`, `FrameFolder`, `FrameArray`, `PoseFile`, `LandmarkSequence`
            or `HandLandmarks`.
        kind: as `dtf_keras.input_format.InputFormat.kind`.
        frame_rate: float, frames a second to give.
        mirrored: whether the clip shows left and right exchanged.
        cache_dir: folder in which hands that were found are kept.
        say: function that shows a line of text.

    Returns:
        `Pictures`, `HandPoints` or `DrawnHand`.

    Raises:
        FootageError: points for a model that reads what a camera saw.
    """
    if kind == "video":
        return Pictures(footage, frame_rate, mirrored)
    one = HandPoints if kind == "hand_landmarks" else DrawnHand
    return one(footage, frame_rate, mirrored, cache_dir, say)


class Pictures:
    """What the pictures of a clip show, at a steady rate. Arguments as `of_kind`.

    Attributes:
        path: of the clip, `None` of one in memory.
        gaps: none.
        finds_hand: False.
    """

    finds_hand = False

    def __init__(self, footage, frame_rate, mirrored=False):
        if isinstance(footage, OF_POINTS):
            raise FootageError(
                "it is made of landmarks, but the model reads what a camera saw: take "
                "one that reads hand landmarks or drawn hands"
            )
        self.path = getattr(footage, "path", None)
        self._footage, self._rate, self._mirrored = footage, frame_rate, mirrored
        self.gaps = ()

    def fingerprint(self):
        """Another string when the clip changes; reads none of it."""
        return self._footage.fingerprint()

    def check(self):
        """Reads the clip once; returns the number of frames.

        Raises:
            FootageError: it cannot be read.
        """
        return self._footage.check()

    def frames(self, size, how="bilinear"):
        """The frames one by one, resized: yields uint8 `[H, W, 3]`, RGB."""
        pictures = self._footage.frames(size, how)
        own = self._footage.frame_rate
        if own != self._rate:
            timed = ((number / own, one) for number, one in enumerate(pictures))
            pictures = resample(timed, self._rate)
        for picture in pictures:
            yield picture[:, ::-1] if self._mirrored else picture

    def read(self, size, how="bilinear"):
        """All of `frames`: `[T, H, W, 3]`."""
        return np.stack(list(self.frames(size, how)))


class HandPoints:
    """The hand that signs in a clip, as points in palm lengths. Arguments as `of_kind`.

    Attributes:
        path: of the clip, `None` of one in memory.
        finds_hand: True, so that it can be `shown`.
    """

    finds_hand = True

    def __init__(self, footage, frame_rate, mirrored=False, cache_dir=None, say=silent):
        self.path = getattr(footage, "path", None)
        self._footage, self._rate, self._mirrored = footage, frame_rate, mirrored
        self._cache_dir, self._say = cache_dir, say

    def fingerprint(self):
        """Another string when the clip changes, or what is read of it."""
        said = f"{READ_AS} {self._rate} {self._mirrored} {self._footage.fingerprint()}"
        if isinstance(self._footage, OF_POINTS):
            return said
        return f"{said} {finder_version()}"

    def check(self):
        """Reads the clip once; returns the number of frames.

        Raises:
            FootageError: it cannot be read, or no hand is seen.
        """
        return len(self._points)

    def frames(self, size=None, how=None):
        """The points frame by frame: yields float32 `[21, 2]`, NaN if not seen.

        Raises:
            FootageError: as `check`.
        """
        yield from self.read()

    def read(self, size=None, how=None):
        """All of `frames`: `[T, 21, 2]`."""
        return in_palm_lengths(self._points, self._rate)

    def shown(self, size):
        """The hand for people, frame by frame.

        Args:
            size: pixels of the sides of the pictures.

        Yields:
            uint8 `[size, size, 3]`, what the camera saw about the hand; of a clip that
            is made of points a pixel of plain ground; and float `[21, 2]`, where the
            hand is in there, in fractions of its sides, NaN if not seen.

        Raises:
            FootageError: as `check`.
        """
        if isinstance(self._footage, OF_POINTS):
            yield from on_plain_ground(self._points)
            return
        found = find_hand(self._footage, self._mirrored, self._cache_dir, self._say)
        pictures = looked_at(self._footage, self._mirrored)
        yield from about_hand(pictures, found.in_pictures, self._rate, size)

    @property
    def gaps(self):
        """Where the hand is not seen: tuple of `(start, end)`, seconds."""
        gone = np.isnan(self._points[:, WRIST, 0])
        edges = np.flatnonzero(np.diff(gone, prepend=False, append=False))
        pairs = (edges / self._rate).reshape(-1, 2)
        return tuple((float(start), float(end)) for start, end in pairs)

    @functools.cached_property
    def _points(self):
        if self._drawn:
            raise FootageError(
                "it shows a drawn hand, in which no points are found: a model that "
                "reads drawn hands reads it, such as full_conv_v10"
            )
        hand = hand_of(self._footage, self._mirrored, self._cache_dir, self._say)
        return hand.at_rate(self._rate)

    @functools.cached_property
    def _drawn(self):
        if isinstance(self._footage, OF_POINTS):
            return False
        return is_drawn(picture for _, picture in self._footage.timed(LOOKED_AT))


class DrawnHand(HandPoints):
    """The hand that signs in a clip, drawn as `fingerspelling` draws hands.

    What is drawn so already is read as it is; other hands are drawn as right ones,
    in the middle of the picture and always in the same colours. Arguments as `of_kind`.

    Attributes:
        finds_hand: False if it is drawn already.
    """

    @property
    def finds_hand(self):
        return not self._drawn

    def check(self):
        """As `HandPoints.check`."""
        return self._as_they_are.check() if self._drawn else len(self._points)

    def frames(self, size, how="bilinear"):
        """The frames one by one: yields uint8 `[H, W, 3]`, RGB.

        Args:
            size: `(H, W)` in pixels.
            how: how pictures are resized that are drawn already.

        Raises:
            FootageError: as `check`.
        """
        if self._drawn:
            yield from self._as_they_are.frames(size, how)
            return
        yield from draw_hand(super().read(), size)

    def read(self, size, how="bilinear"):
        """All of `frames`: `[T, H, W, 3]`."""
        return np.stack(list(self.frames(size, how)))

    @property
    def gaps(self):
        """As those of `HandPoints`; none of a clip that is drawn already."""
        return () if self._drawn else super().gaps

    @functools.cached_property
    def _as_they_are(self):
        return Pictures(self._footage, self._rate, self._mirrored)


def draw_hand(points, size):
    """Draws a hand, always in the same colours: yields uint8 `[H, W, 3]`, RGB.

    Args:
        points: `[T, 21, 2]`, palm lengths, NaN where a point was not seen.
        size: `(H, W)` in pixels.
    """
    camera = frames.FollowingCamera()
    for first in range(0, len(points), DRAWN_AT_ONCE):
        yield from draw_part(points[first : first + DRAWN_AT_ONCE], size, camera)


def draw_part(points, size, camera):
    """As `draw_hand`, of a clip that is drawn part by part: `[n, H, W, 3]`.

    Args:
        points, size: as `draw_hand` takes them.
        camera: the `FollowingCamera` of all the parts.
    """
    return frames.render_hand(points, _look(), size, middle=camera.follow(points))


@functools.cache
def _look():
    return frames.draw_look(words.generator("pose file", 0, 0))
