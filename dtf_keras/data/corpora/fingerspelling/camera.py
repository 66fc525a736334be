"""What a camera sees of a hand, and what is not found in its pictures."""

import math

import numpy as np
from scipy.spatial.transform import Rotation

from dtf_keras.data.corpora.fingerspelling.person import slowly
from dtf_keras.landmarks.points import FINGERS

TURN, SWAY = math.radians(30), math.radians(5)  # largest turn; its slow change
# The most that a hand is turned out of the picture: as it is judged, and in training.
TILT, WIDER_TILT = math.radians(30), math.radians(45)
SHEAR = 0.12
LOST_FINGERS, LOST_HANDS = 0.25, 0.25  # shares of the clips in which some are lost
LONGEST_LOSS = 10  # frames


def seen(shapes, path, person, tilt, rng):
    """Turned, tilted, sheared, shaking and noisy points in a picture.

    Args:
        shapes: `[T, 21, 3]` about the wrist.
        path: `[T, 2]`, of the wrist.
        person: `Person`.
        tilt: radians, the most that the hand is turned out of the picture.

    Returns:
        `[T, 21, 2]`, palm lengths.
    """
    count = len(shapes)
    draw = 2 * rng.random(3) - 1
    direction = math.pi * rng.random()
    line = np.array([math.cos(direction), math.sin(direction), 0])  # in the picture
    tilted = Rotation.from_rotvec(tilt * draw[0] * line).apply(shapes.reshape(-1, 3))
    points = tilted.reshape(shapes.shape)[..., :2] + path[:, None]
    points = points @ np.array([[1, SHEAR * draw[1]], [0, 1]]).T
    angle = TURN * draw[2] + SWAY * slowly(count, 1, 20, rng)[:, 0]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y = points[..., 0], points[..., 1]
    points = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
    points += person.tremor * slowly(count, 2, 6, rng)[:, None]
    return points + person.noise * rng.standard_normal(points.shape)


def lose(points, shortest, rng):
    """Makes fingers and whole hands NaN for some frames, in place, but no letter.

    Args:
        points: `[T, 21, 2]`.
        shortest: frames of the shortest letter.
    """
    if rng.random() < LOST_FINGERS:
        for _ in range(rng.integers(1, 4)):
            finger = list(FINGERS[rng.integers(5)])
            start, frames = _stretch(len(points), LONGEST_LOSS, rng)
            points[start : start + frames, finger] = np.nan
    if rng.random() < LOST_HANDS:
        for _ in range(rng.integers(1, 4)):
            most = min(LONGEST_LOSS, max(shortest // 2, 1))
            start, frames = _stretch(len(points), most, rng)
            points[start : start + frames] = np.nan


def _stretch(count, most, rng):
    return int(rng.integers(count)), int(rng.integers(1, most + 1))
