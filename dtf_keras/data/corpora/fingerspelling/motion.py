"""Letters joined into a continuously spelt word, seen by a camera: landmarks only.

The hold of every letter is retimed to the tempo of the clip, the hand travels from one
to the next on an eased path, some frames are lost, landmarks are noisy, and the camera
is a 2-D affine map, since the recorded depth of the hand is flat.
"""

import dataclasses
import functools
import math

import numpy as np

from dtf_keras.data.corpora.fingerspelling.recordings import (
    ELBOW,
    HAND,
    LETTERS,
    load_recordings,
)

# Shoulder widths, unless it says otherwise.
VIEW = 1.0  # side of the square the camera sees
NOISE = 0.008  # standard deviation of a landmark
DROPPED = 0.05  # share of the frames that are lost
GATHERED = 0.75  # share of a letter's distance from the signing place that is undone
WANDER = 0.03  # standard deviation of a letter's place
SLIDE, BOUNCE = 0.14, 0.12  # a letter that follows itself is moved out and dipped


@dataclasses.dataclass(frozen=True)
class Motion:
    """Landmarks as the camera sees them.

    Attributes:
        points: float64 `[T, 27, 2]`, x and y in sides of the frame, (0, 0) top left.
        shoulder_width: float, in sides of the frame: how large things appear.
    """

    points: np.ndarray
    shoulder_width: float


def compose(spelling, rng):
    """The motion of one clip.

    Args:
        spelling: `Spelling`: word, language and frames of each letter.
        rng: `numpy.random.Generator`; only its `random`, `integers` and
            `standard_normal` are used, whose streams are the same everywhere.

    Returns:
        `Motion` of `spelling.num_frames` frames.
    """
    pieces, kept, start = [], [], 0
    before = None
    for letter, frames in zip(spelling.word, spelling.letter_frames, strict=True):
        total = frames + int((rng.random(frames) < DROPPED).sum())
        repeated = before is not None and before[0] == letter
        tail = None if before is None else before[1]
        piece = _letter(spelling.language, letter, total, tail, repeated, rng)
        pieces.append(piece)
        order = np.argsort(rng.random(total), kind="stable")
        kept.append(start + np.sort(order[:frames]))
        start += total
        before = letter, piece[-1]
    points = _smooth(np.concatenate(pieces))[np.concatenate(kept)]
    points = points + NOISE * rng.standard_normal(points.shape)
    return film(points, 2 * rng.random(6) - 1)


def _letter(language, letter, total, tail, repeated, rng):
    """One letter of `total` frames, beginning with the way from the pose `tail`."""
    track = load_recordings()[language, letter]
    travel = 0 if tail is None else round(total * (0.25 + 0.15 * rng.random()))
    margin = 0.08 * rng.random(2)
    held = total - travel
    way = np.arange(held) / (held - 1)
    at = (margin[0] + (1 - margin.sum()) * way) * (len(track) - 1)
    sign = _sample(track, at)

    place = signing_place(language)
    move = GATHERED * (place - np.median(track[:, HAND].mean(axis=1), axis=0))
    move = move + WANDER * rng.standard_normal(2)
    if repeated:
        move = move - np.array([SLIDE, 0.0])
    sign[:, HAND] += move
    sign[:, ELBOW] += move / 2
    if not travel:
        return sign

    u = (np.arange(travel) + 1) / (travel + 1)
    eased = (u * u * (3 - 2 * u))[:, None, None]
    path = tail + (sign[0] - tail) * eased
    if repeated:
        path[:, HAND, 1] += (BOUNCE * 4 * u * (1 - u))[:, None]
    return np.concatenate([path, sign])


@functools.cache
def signing_place(language):
    """Where the hand spells in a language: float64 `[2]`, over all letters."""
    tracks = load_recordings()
    centres = [
        np.median(tracks[language, letter][:, HAND].mean(axis=1), axis=0)
        for letter in LETTERS
    ]
    return np.median(centres, axis=0)


def _sample(track, at):
    """`track` at the fractional frames `at`: `[len(at), 27, 2]`."""
    low = np.minimum(at.astype("int64"), len(track) - 2)
    part = (at - low)[:, None, None]
    return track[low] * (1 - part) + track[low + 1] * part


def _smooth(points):
    padded = np.concatenate([points[:1], points, points[-1:]])
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def film(points, draw=(0,) * 6, centre=None):
    """The camera: turns, scales, stretches, shears and shifts the scene.

    Args:
        points: float `[T, 27, 2]`, shoulder widths.
        draw: six numbers from -1 to 1, how much of each; 0 is straight on, with the
            hand in the middle.
        centre: float `[2]`, where the camera looks; the mean of the hand by default.

    Returns:
        `Motion` of T frames.
    """
    draw = np.asarray(draw)
    angle = math.radians(10) * draw[0]
    side = VIEW * (1 + 0.13 * draw[1])
    stretch = 1 + 0.07 * draw[2]
    shear = 0.1 * draw[3]
    shift = 0.5 + 0.08 * draw[4:]

    if centre is None:
        centre = points[:, HAND].reshape(-1, 2).mean(axis=0)
    x, y = np.moveaxis(points - centre, -1, 0)
    x = x * stretch + shear * y
    y = y / stretch
    cos, sin = math.cos(angle), math.sin(angle)
    seen = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
    seen = seen / side + shift
    return Motion(seen, 1 / side)
