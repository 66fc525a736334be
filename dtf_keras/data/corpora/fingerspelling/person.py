"""What makes a clip's hand that of another person."""

import dataclasses

import numpy as np
from scipy.spatial.transform import Rotation

from dtf_keras.landmarks.points import FINGERS, KNUCKLES, NUM_POINTS, WRIST

LONGER_FINGER, LONGER_BONE = 0.1, 0.08  # standard deviations of log factors
BENT, SPREAD = 0.03, 0.03  # standard deviations of joints' angles, radians
BENDING = 0.03  # largest standard deviation of what slowly changes about them
NOISE, TREMOR = 0.03, 0.04  # largest standard deviations of a point, of all together

_INDEX, _MIDDLE, _LITTLE = KNUCKLES[0], KNUCKLES[1], KNUCKLES[-1]


@dataclasses.dataclass(frozen=True)
class Person:
    """One hand and how steadily it is held.

    Attributes:
        hands: languages whose shape of a letter it may show where they are alike.
        bones: factor of the length of each point's bone, `[21]`.
        bent: how much more each joint is bent, `[21]` radians.
        spread: turn of each finger in the palm's plane, `[5]` radians.
        bending: standard deviation of what slowly changes about `bent`.
        noise, tremor: standard deviations of a point and of the hand, palm lengths.
    """

    hands: tuple[str, ...]
    bones: np.ndarray
    bent: np.ndarray
    spread: np.ndarray
    bending: float
    noise: float
    tremor: float


def draw_person(hands, rng):
    """Draws a person.

    Args:
        hands: languages of other hands, or `None` for the hand as it was recorded.
        rng: `numpy.random.Generator`.
    """
    noise, tremor = NOISE * rng.random() ** 2, TREMOR * rng.random()
    if hands is None:
        still = np.zeros(NUM_POINTS)
        return Person((), still + 1, still, np.zeros(5), 0.0, noise, tremor)
    finger = LONGER_FINGER * rng.standard_normal(5)
    bone = LONGER_BONE * rng.standard_normal(NUM_POINTS)
    curl = BENT * rng.standard_normal(5)
    bones, bent = np.ones(NUM_POINTS), BENT * rng.standard_normal(NUM_POINTS)
    for number, points in enumerate(FINGERS):
        bones[list(points)] = np.exp(finger[number] + bone[list(points)])
        bent[list(points)] += curl[number]
    return Person(
        hands=tuple(hands),
        bones=bones,
        bent=bent,
        spread=SPREAD * rng.standard_normal(5),
        bending=BENDING * rng.random(),
        noise=noise,
        tremor=tremor,
    )


def as_person(shapes, person, rng):
    """Shapes `[T, 21, 3]` about the wrist with another's bones and joints."""
    slow = person.bending * slowly(len(shapes), NUM_POINTS, 12, rng)
    across = _unit(shapes[:, _LITTLE] - shapes[:, _INDEX])
    normal = _unit(np.cross(across, shapes[:, _MIDDLE] - shapes[:, WRIST]))
    out = np.empty_like(shapes)
    out[:, WRIST] = shapes[:, WRIST]
    for number, points in enumerate(FINGERS):
        # Fingers bend about the breadth of the hand, the thumb in the palm's plane.
        hinge, other = (normal, across) if number == 0 else (across, normal)
        parent, angle = WRIST, np.zeros(len(shapes))
        for joint, point in enumerate(points):
            bone = person.bones[point] * (shapes[:, point] - shapes[:, parent])
            if joint:
                angle = angle + person.bent[point] + slow[:, point]
                bone = Rotation.from_rotvec(hinge * angle[:, None]).apply(bone)
                bone = Rotation.from_rotvec(other * person.spread[number]).apply(bone)
            out[:, point] = out[:, parent] + bone
            parent = point
    return out


def slowly(count, tracks, every, rng):
    """Smooth noise of about unit size: `[count, tracks]`, new every so many frames."""
    knots = rng.standard_normal((count // every + 3, tracks))
    at = np.arange(count) / every + rng.random()
    low = at.astype("int64")
    part = at - low
    part = (part * part * (3 - 2 * part))[:, None]
    return knots[low] + (knots[low + 1] - knots[low]) * part


def _unit(vectors):
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-9)
