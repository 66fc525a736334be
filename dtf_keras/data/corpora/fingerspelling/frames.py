"""Landmarks drawn as small RGB frames: a large hand, one colour a finger.

Pillow draws every frame several times larger and averages it down, which is what
smooths the edges. Background, body and the shade of the fingers differ between clips.
"""

import colorsys
import dataclasses
import math

import numpy as np

from dtf_keras.data.corpora.fingerspelling import recordings
from dtf_keras.data.corpora.fingerspelling.motion import Motion

FINGER_HUES = (0.0, 0.14, 0.36, 0.54, 0.84)  # thumb to little finger
FINGER_WIDTH = 0.1  # shoulder widths
PALM = [0, 1, 5, 9, 13, 17]
PALMS = 3.4  # palm lengths in a shoulder width, as in most recordings
SIDE = 3.4  # palm lengths in the side of a picture that follows the hand
FOLLOWING = 0.04  # share of the way to the hand that the camera goes in a frame
CANVAS = 128  # pixels, the least side that is drawn before averaging


@dataclasses.dataclass(frozen=True)
class Look:
    """The colours of one clip as 8-bit RGB, and how thick its fingers are."""

    background: tuple[int, int, int]
    clothes: tuple[int, int, int]
    head: tuple[int, int, int]
    palm: tuple[int, int, int]
    fingers: tuple[tuple[int, int, int], ...]
    thickness: float


def draw_look(rng):
    """Draws the `Look` of a clip with `rng`, a `numpy.random.Generator`."""
    r = rng.random(12)
    skin = 0.04 + 0.05 * r[0], 0.25 + 0.3 * r[1], 0.35 + 0.6 * r[2]
    palm = skin[0], skin[1], 0.55 + 0.4 * skin[2]
    return Look(
        background=_rgb(r[3], 0.5 * r[4], 0.05 + 0.5 * r[5]),
        clothes=_rgb(r[6], 0.6 * r[7], 0.1 + 0.5 * r[8]),
        head=_rgb(skin[0], skin[1], 0.7 * skin[2]),
        palm=_rgb(*palm),
        fingers=tuple(
            _rgb(hue + 0.04 * (r[9] - 0.5), 0.65 + 0.35 * r[10], 0.95)
            for hue in FINGER_HUES
        ),
        thickness=FINGER_WIDTH * (0.85 + 0.3 * r[11]),
    )


def render(motion, look, size):
    """Draws a clip.

    Args:
        motion: `Motion` of T frames. What has a point that is NaN is not drawn.
        look: `Look` of the clip.
        size: `(H, W)` of a frame in pixels; what the camera sees is stretched to it.

    Returns:
        uint8 `[T, H, W, 3]`, RGB.
    """
    from PIL import Image, ImageDraw

    times = max(2, math.ceil(CANVAS / min(size)))
    height, width = (side * times for side in size)
    unit = motion.shoulder_width * width, motion.shoulder_width * height
    line = sum(unit) / 2  # lines are as thick both ways
    finger, arm = max(1, round(look.thickness * line)), max(1, round(0.2 * line))
    tracks = (motion.points * (width, height)).tolist()
    lost = np.isnan(motion.points).any(axis=-1)

    frames = np.empty((len(tracks), *size, 3), "uint8")
    for frame, track, gone in zip(frames, tracks, lost, strict=True):
        points = [tuple(point) for point in track]
        canvas = Image.new("RGB", (width, height), look.background)
        draw = ImageDraw.Draw(canvas)
        if not gone[recordings.NUM_HAND_POINTS :].any():
            _draw_body(draw, points, unit, None if gone[0] else arm, look)
        if not gone[PALM].any():
            draw.polygon([points[i] for i in PALM], fill=look.palm)
        for number in (4, 3, 2, 1, 0):
            base = 4 * number + 1
            if not gone[base : base + 4].any():
                draw.line(points[base : base + 4], look.fingers[number], finger)
        frame[:] = np.asarray(canvas.reduce(times))
    return frames


def render_hand(points, look, size, body=None, middle=None):
    """Draws the hand of a clip, from wherever it is, in the middle of the picture.

    Args:
        points: `[T, 21, 2]`, palm lengths, NaN where a point was not seen.
        look: `Look` of the clip.
        size: `(H, W)` of a frame in pixels.
        body: `[6, 2]`, the points of a body as in a recording, palm lengths from the
            middle of the picture; by default there is none.
        middle: `[T, 2]`, where the camera looks; by default as `follow` says.

    Returns:
        uint8 `[T, H, W, 3]`, RGB.
    """
    middle = follow(points) if middle is None else middle
    seen = np.full((len(points), recordings.NUM_POINTS, 2), np.nan)
    seen[:, recordings.HAND] = points - middle[:, None]
    if body is not None:
        seen[:, recordings.NUM_HAND_POINTS :] = body
    return render(Motion(seen / SIDE + 0.5, PALMS / SIDE), look, size)


def follow(points):
    """Where a camera looks that follows a hand: `[T, 21, 2]` to `[T, 2]`."""
    return FollowingCamera().follow(points)


class FollowingCamera:
    """A camera that goes after the middle of a hand's points.

    It does so with a delay of about a second, so that a letter which is a movement is
    still one in the picture.
    """

    def __init__(self):
        self._place = None

    def follow(self, points):
        """Where it looks in the next T frames: `[T, 21, 2]` to `[T, 2]`."""
        seen = ~np.isnan(points[:, 0, 0])
        places = np.full((len(points), 2), np.nan)
        places[seen] = np.nanmean(points[seen], axis=1)
        middle = np.zeros((len(points), 2))
        for frame, now in enumerate(places):
            if seen[frame] and self._place is None:
                self._place = now
            elif seen[frame]:
                self._place = self._place + FOLLOWING * (now - self._place)
            middle[frame] = 0 if self._place is None else self._place
        return middle


def _draw_body(draw, points, unit, arm, look):
    """`unit` is a shoulder width to the right and down, in pixels of the canvas."""
    right, down = unit
    near = points[recordings.NEAR_SHOULDER]
    far = points[recordings.FAR_SHOULDER]
    hem = 3 * down
    torso = [near, far, (far[0], far[1] + hem), (near[0], near[1] + hem)]
    draw.polygon(torso, fill=look.clothes)
    x, y = points[recordings.NOSE]
    draw.ellipse(
        [x - 0.3 * right, y - 0.42 * down, x + 0.3 * right, y + 0.38 * down],
        fill=look.head,
    )
    elbow = points[recordings.ELBOW]
    if arm is not None:  # there is a hand at its end
        draw.line([near, elbow, points[0]], look.clothes, arm)


def _rgb(hue, saturation, value):
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
