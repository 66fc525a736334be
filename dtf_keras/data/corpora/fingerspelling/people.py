"""Spelling as people before cameras do it: hands that vary, holds, rests, lost points.

Seven people are few, so each training clip has a hand of its own: another person's
shape of a letter mixed in where the two are alike, bones of other lengths, joints at
other angles. In dev and test hands are as they were recorded. The camera looks from
another side in each clip. Letters are held from 4 to 75 frames; before, between and
after them the hand rests, or is away. All is in palm lengths.
"""

import dataclasses
import functools
import math

import numpy as np

from dtf_keras.data.corpora.fingerspelling.recordings import (
    HAND,
    LANGUAGES,
    LETTERS,
    NUM_HAND_POINTS,
    OTHERS,
    STROKES,
    load_other_recordings,
    load_whole_recordings,
)
from dtf_keras.landmarks.palm_lengths import palm_length
from dtf_keras.landmarks.points import FINGERS, NUM_POINTS, WRIST

AGREEING = "ABCDEGHILOPRSUVWYZ"  # the letters that the seven languages spell alike
TRAVEL = (3, 12)  # frames from one letter to the next, where they are long enough

# Of a clip; palm lengths and radians unless it says otherwise.
MIXED = 0.7  # share of the clips in which another person's shapes are mixed in
ALIKE = 0.45  # the farthest that two shapes of a letter are, a point on average
SHARES = (-0.2, 1.0)  # of the other person in each finger; below 0 they differ more
LONGER_FINGER, LONGER_BONE = 0.1, 0.08  # standard deviations of log factors
BENDS = 0.1  # standard deviation of log factors on how far joints are bent
BENT, BENDING = 0.13, 0.05  # standard deviations: all along, and slowly changing
TURN, SWAY = math.radians(30), math.radians(5)  # largest turn; its slow change
SQUEEZE = math.radians(30)  # the most that a hand is turned out of the picture
SHEAR = 0.12
NOISE, TREMOR = 0.03, 0.04  # largest standard deviations of a point, of all together
WANDER = 0.12  # standard deviation of a letter's place
GATHERED = 0.75  # share of a letter's own distance from the signing place undone
SLIDE, BOUNCE = 0.5, 0.45  # a letter that follows itself is moved out, or dipped
LOST_FINGERS, LOST_HANDS = 0.25, 0.25  # shares of the clips in which some are lost
LONGEST_LOSS = 10  # frames


@dataclasses.dataclass(frozen=True)
class _Person:
    """What makes a clip's hand another one."""

    mixed_with: tuple[str, ...]  # languages whose shapes are mixed in
    shares: np.ndarray  # of the other in each point, [21]
    bones: np.ndarray  # factor of each point's bone, [21]
    bends: np.ndarray  # factor of how far each joint is bent, [21]
    bent: np.ndarray  # turn of each point's bone, [21]
    bending: float
    noise: float
    tremor: float


def compose(spelling, rng, mixed_with=None):
    """The hand of one clip.

    Args:
        spelling: `Spelling`: word, language, frames of each letter and of the rests.
        mixed_with: languages whose shapes may be mixed in, to give the clip a hand of
            its own; `None` leaves the hand as it was recorded.
        rng: `numpy.random.Generator`; only its `random`, `integers` and
            `standard_normal` are used, whose streams are the same everywhere.

    Returns:
        float64 `[T, 21, 2]`, T = `spelling.num_frames`: palm lengths, x to the right, y
        down, NaN where a point or the hand is lost.
    """
    person = _draw_person(mixed_with, rng)
    rest = _rest_shape(spelling.language, rng)
    pieces, tail = [], None
    for place, letter in enumerate(spelling.word):
        frames = spelling.letter_frames[place]
        repeated = place > 0 and spelling.word[place - 1] == letter
        pause = spelling.rests[place]
        shape, path = _sign(spelling.language, letter, person, frames, rng)
        path = path + WANDER * rng.standard_normal(2)
        start = shape[0], path[0]
        if pause:
            way = _pause(tail, start, rest, pause, rng)
            pieces.append(way)
            tail = way[0][-1], way[1][-1]
        if tail is None or pause:
            repeated = False
        if tail is not None:
            shape, path = _travel(tail, shape, path, repeated, rng)
        pieces.append((shape, path))
        tail = shape[-1], path[-1]
    if spelling.rests[-1]:
        pieces.append(_pause(tail, None, rest, spelling.rests[-1], rng))
    shapes = np.concatenate([shape for shape, _ in pieces])
    paths = np.concatenate([path for _, path in pieces])
    missing = np.isnan(paths[:, 0])
    shapes[missing], paths[missing] = 0, 0
    points = _smooth(_vary(shapes, person, rng), missing) + paths[:, None]
    points = _seen(points, person, rng)
    points[missing] = np.nan
    _lose(points, min(spelling.letter_frames), rng)
    return points


def draw_body(language, rng):
    """A body behind the hand, or none: `[6, 2]` palm lengths from the hand, or None."""
    if rng.random() < 0.5:
        return None
    letter = LETTERS[rng.integers(len(LETTERS))]
    track, first, last = load_whole_recordings()[language, letter]
    centre = track[first:last, HAND].mean(axis=(0, 1))
    body = (np.median(track[first:last, NUM_HAND_POINTS:], axis=0) - centre) / _palm(
        language
    )
    return body * (0.8 + 0.4 * rng.random()) + 0.4 * rng.standard_normal(2)


def _draw_person(languages, rng):
    noise, tremor = NOISE * rng.random() ** 2, TREMOR * rng.random()
    if languages is None:
        still = np.zeros(NUM_POINTS)
        one = still + 1
        return _Person((), still, one, one, still, 0.0, noise, tremor)
    finger = LONGER_FINGER * rng.standard_normal(5)
    bone = LONGER_BONE * rng.standard_normal(NUM_POINTS)
    low, high = SHARES
    share = low + (high - low) * rng.random(6)
    mixed = rng.random() < MIXED
    bones, shares = np.ones(NUM_POINTS), np.zeros(NUM_POINTS)
    bends = BENDS * rng.standard_normal(5)
    of_points = np.ones(NUM_POINTS)
    for number, points in enumerate(FINGERS):
        bones[list(points)] = np.exp(finger[number] + bone[list(points)])
        of_points[list(points)] = np.exp(bends[number])
        # Half of it is that of the hand, half the finger's own.
        shares[list(points)] = mixed * (share[number] + share[5]) / 2
    return _Person(
        mixed_with=(*languages, *OTHERS),
        shares=shares,
        bones=bones,
        bends=of_points,
        bent=BENT * rng.standard_normal(NUM_POINTS),
        bending=BENDING * rng.random(),
        noise=noise,
        tremor=tremor,
    )


def _sign(language, letter, person, frames, rng):
    """A letter of so many frames: shapes `[n, 21, 2]` from the wrist, its path."""
    margin = 0.12 * rng.random(2)
    way = margin[0] + (1 - margin.sum()) * np.linspace(0, 1, max(frames, 2))[:frames]
    shape, path = _sampled(*_recorded(language, letter), way)
    alike = [one for one in _alike(language, letter) if one in person.mixed_with]
    if alike and person.shares.any():
        other = alike[rng.integers(len(alike))]
        other, _ = _sampled(*_recorded(other, letter), way)
        shape = shape + person.shares[:, None] * (other - shape)
    return shape, path


@functools.cache
def _alike(language, letter):
    """The other languages that show a letter as this one does, and no other letter."""
    if letter in STROKES:
        return ()
    own = {one: _held(language, one) for one in LETTERS}
    found = []
    for other in (*LANGUAGES, *OTHERS):
        if other == language or (other, letter) not in _tracks():
            continue
        held = _held(other, letter)
        apart = {one: np.hypot(*(shape - held).T).mean() for one, shape in own.items()}
        if apart[letter] < ALIKE and apart[letter] == min(apart.values()):
            found.append(other)
    return tuple(found)


def _held(language, letter):
    """The shape of a letter while it is held: `[21, 2]`."""
    shape, _, first, last = _whole(language, letter)
    return np.median(shape[first:last], axis=0)


@functools.cache
def _whole(language, letter):
    """A recording from the first frame with a hand to the last, and the sign's span."""
    track, first, last = _tracks()[language, letter]
    hand = track[:, HAND] / _palm(language)
    return hand - hand[:, WRIST : WRIST + 1], hand[:, WRIST], first, last


@functools.cache
def _tracks():
    return load_whole_recordings() | load_other_recordings()


@functools.cache
def _palm(language):
    signs = [sign for (one, _), sign in _tracks().items() if one == language]
    hands = [track[first:last, HAND] for track, first, last in signs]
    return float(np.median(palm_length(np.concatenate(hands))))


@functools.cache
def _recorded(language, letter):
    """A letter alone: its shapes, and its path about the signing place."""
    shape, path, first, last = _whole(language, letter)
    path = path[first:last]
    place = GATHERED * np.median(path, axis=0)
    place += (1 - GATHERED) * _signing_place(language)
    return shape[first:last], path - place


@functools.cache
def _signing_place(language):
    places = []
    for letter in (letter for one, letter in _tracks() if one == language):
        _, path, first, last = _whole(language, letter)
        places.append(np.median(path[first:last], axis=0))
    return np.median(places, axis=0)


def _sampled(shape, path, way):
    """Both at fractions of their time, 0 to 1."""
    at = way * (len(shape) - 1)
    low = np.minimum(at.astype("int64"), max(len(shape) - 2, 0))
    high = np.minimum(low + 1, len(shape) - 1)
    part = at - low
    return tuple(
        x[low] + (x[high] - x[low]) * part.reshape(-1, *[1] * (x.ndim - 1))
        for x in (shape, path)
    )


def _rest_shape(language, rng):
    """The hand as it is raised or lowered, of any recording."""
    letter = LETTERS[rng.integers(len(LETTERS))]
    shape, _, first, last = _whole(language, letter)
    away = [*range(first), *range(last, len(shape))] or [0]
    return shape[away[rng.integers(len(away))]]


def _travel(tail, shape, path, repeated, rng):
    """The letter with its first frames on the way from the pose `tail`."""
    frames = len(shape)
    longest = min(TRAVEL[1], frames * 2 // 3)
    shortest = min(TRAVEL[0], longest)
    steps = int(rng.integers(shortest, longest + 1))
    if repeated:
        steps = max(steps, min(4, frames * 2 // 3))
        slides, dips = rng.random(2) < 0.6
        side = SLIDE * (0.4 + rng.random()) * (slides or not dips)
        path = path - np.array([side, 0.0])
    if not steps:
        return shape, path
    eased = _eased(steps)
    way = tail[0] + (shape[0] - tail[0]) * eased[:, None, None]
    road = tail[1] + (path[0] - tail[1]) * eased[:, None]
    if repeated and dips:
        u = (np.arange(steps) + 1) / (steps + 1)
        road[:, 1] += BOUNCE * (0.4 + rng.random()) * 4 * u * (1 - u)
    return (
        np.concatenate([way, shape[: frames - steps]]),
        np.concatenate([road, path[: frames - steps]]),
    )


def _pause(before, after, rest, frames, rng):
    """The hand between two poses, of which one may be missing: it rests or is away."""
    low = np.array([1.5 * rng.standard_normal(), 1 + 4 * rng.random()])
    if before is not None and after is not None:
        low = low * 0.5
    weight = 0.5 + 0.5 * rng.random()
    ends = []
    for pose in (before, after):
        shape, path = pose if pose is not None else after or before
        resting = shape + weight * (rest - shape), path + low
        ends.append((pose or resting, resting))
    (first, down), (last, up) = ends
    half = frames // 2 if before is not None and after is not None else frames
    pieces = []
    if before is not None:
        pieces.append(_between(first, down, half))
    if after is not None:
        pieces.append(_between(up, last, frames - len(pieces) * half))
    shape = np.concatenate([piece[0] for piece in pieces])
    path = np.concatenate([piece[1] for piece in pieces])
    # While it is low, it may be out of the picture.
    height = (path[:, 1] - min(first[1][1], last[1][1])) / max(low[1], 1e-9)
    if rng.random() < 0.5:
        path[height > 0.3 + 0.7 * rng.random()] = np.nan
    return shape, path


def _between(start, end, frames):
    """`frames` poses that leave the one and come near the other."""
    eased = _eased(frames)
    return (
        start[0] + (end[0] - start[0]) * eased[:, None, None],
        start[1] + (end[1] - start[1]) * eased[:, None],
    )


def _eased(steps):
    u = (np.arange(steps) + 1) / (steps + 1)
    return u * u * (3 - 2 * u)


def _vary(shapes, person, rng):
    """The hand of another body: bones of other lengths, joints at other angles."""
    slow = person.bending * _slowly(len(shapes), NUM_POINTS, 12, rng)
    turns = person.bent + slow  # (T, 21)
    out = np.empty_like(shapes)
    out[:, WRIST] = shapes[:, WRIST]
    for points in FINGERS:
        parent, before, now = WRIST, None, None
        for point in points:
            bone = shapes[:, point] - shapes[:, parent]
            length = person.bones[point] * np.hypot(bone[:, 0], bone[:, 1])
            angle = np.arctan2(bone[:, 1], bone[:, 0])
            if before is None:  # a knuckle is turned less than the joints beyond it
                turned = angle + 0.4 * turns[:, point]
            else:
                joint = np.unwrap((angle - before + np.pi) % (2 * np.pi) - np.pi)
                turned = now + person.bends[point] * joint + turns[:, point]
            out[:, point, 0] = out[:, parent, 0] + length * np.cos(turned)
            out[:, point, 1] = out[:, parent, 1] + length * np.sin(turned)
            parent, before, now = point, angle, turned
    return out


def _smooth(shapes, missing):
    """Poses averaged with their neighbours, over no gap."""
    before = np.concatenate([shapes[:1], shapes[:-1]])
    after = np.concatenate([shapes[1:], shapes[-1:]])
    gone = np.concatenate([missing[:1], missing[:-1]])
    before[gone] = shapes[gone]
    gone = np.concatenate([missing[1:], missing[-1:]])
    after[gone] = shapes[gone]
    return (before + 2 * shapes + after) / 4


def _seen(points, person, rng):
    """What a camera sees: turned, squeezed, sheared, shaking and noisy."""
    count = len(points)
    draw = 2 * rng.random(4) - 1
    angle = TURN * draw[0] + SWAY * _slowly(count, 1, 20, rng)[:, 0]
    squeeze = math.cos(SQUEEZE * draw[1])
    axis = math.pi * rng.random()
    shear = SHEAR * draw[2]
    cos, sin = math.cos(axis), math.sin(axis)
    turned = np.array([[cos, sin], [-sin, cos]])
    fixed = turned.T @ np.diag([squeeze, 1.0]) @ turned @ np.array([[1, shear], [0, 1]])
    points = points @ fixed.T
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y = points[..., 0], points[..., 1]
    points = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
    points += person.tremor * _slowly(count, 2, 6, rng)[:, None]
    return points + person.noise * rng.standard_normal(points.shape)


def _slowly(count, tracks, every, rng):
    """Smooth noise of about unit size: `[count, tracks]`, new every so many frames."""
    knots = rng.standard_normal((count // every + 3, tracks))
    at = np.arange(count) / every + rng.random()
    low = at.astype("int64")
    part = at - low
    part = (part * part * (3 - 2 * part))[:, None]
    return knots[low] + (knots[low + 1] - knots[low]) * part


def _lose(points, shortest, rng):
    """Makes fingers and whole hands NaN for some frames, in place, but no letter."""
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
