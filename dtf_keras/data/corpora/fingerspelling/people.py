"""Spelling as people before cameras do it: hands that vary, holds, rests, lost points.

Seven people are few, so in training each clip has a hand of its own: bones of other
lengths, joints at other angles, and letters as another person shows them where the two
are alike. In dev and test hands are as they were recorded. The camera looks from
another side in each clip. Letters are held from 4 to 75 frames; before, between and
after them the hand rests, or is away. All is in palm lengths.
"""

import numpy as np

from dtf_keras.data.corpora.fingerspelling import camera, hands
from dtf_keras.data.corpora.fingerspelling.person import as_person, draw_person
from dtf_keras.data.corpora.fingerspelling.recordings import (
    HAND,
    LETTERS,
    NUM_HAND_POINTS,
    OTHERS,
    load_whole_recordings,
)

AGREEING = "ABCDEGHILOPRSUVWYZ"  # the letters that the seven languages spell alike
TRAVEL = (3, 12)  # frames from one letter to the next, where they are long enough
BORROWED = 0.85  # share of the letters shown as another person shows them
WANDER = 0.12  # standard deviation of a letter's place
SLIDE, BOUNCE = 0.5, 0.45  # a letter that follows itself is moved out, or dipped


def compose(spelling, rng, mixed_with=None):
    """The hand of one clip.

    Args:
        spelling: `Spelling`: word, language, frames of each letter and of the rests.
        mixed_with: languages whose letters may stand for its own where they are alike,
            to give the clip a hand of its own; `None` leaves it as it was recorded.
        rng: `numpy.random.Generator`; only its `random`, `integers` and
            `standard_normal` are used, whose streams are the same everywhere.

    Returns:
        float64 `[T, 21, 2]`, T = `spelling.num_frames`: palm lengths, x to the right, y
        down, NaN where a point or the hand is lost.
    """
    others = None if mixed_with is None else (*mixed_with, *OTHERS)
    person = draw_person(others, rng)
    rest = hands.rest_shape(spelling.language, rng)
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
    shapes = _smooth(as_person(shapes, person, rng), missing)
    tilt = camera.TILT if mixed_with is None else camera.WIDER_TILT
    points = camera.seen(shapes, paths, person, tilt, rng)
    points[missing] = np.nan
    camera.lose(points, min(spelling.letter_frames), rng)
    return points


def draw_body(language, rng):
    """A body behind the hand, or none: `[6, 2]` palm lengths from the hand, or None."""
    if rng.random() < 0.5:
        return None
    letter = LETTERS[rng.integers(len(LETTERS))]
    track, first, last = load_whole_recordings()[language, letter]
    centre = track[first:last, HAND].mean(axis=(0, 1))
    body = np.median(track[first:last, NUM_HAND_POINTS:], axis=0) - centre
    body = body / hands.palm(language)
    return body * (0.8 + 0.4 * rng.random()) + 0.4 * rng.standard_normal(2)


def _sign(language, letter, person, frames, rng):
    """A letter of so many frames: shapes `[n, 21, 3]` from the wrist, its path."""
    margin = 0.12 * rng.random(2)
    way = margin[0] + (1 - margin.sum()) * np.linspace(0, 1, max(frames, 2))[:frames]
    if person.hands and rng.random() < BORROWED:
        alike = [one for one in hands.alike(language, letter) if one in person.hands]
        language = [language, *alike][rng.integers(len(alike) + 1)]
    return hands.at_fractions(*hands.sign(language, letter), way)


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


def _smooth(shapes, missing):
    """Poses averaged with their neighbours, over no gap."""
    before = np.concatenate([shapes[:1], shapes[:-1]])
    after = np.concatenate([shapes[1:], shapes[-1:]])
    gone = np.concatenate([missing[:1], missing[:-1]])
    before[gone] = shapes[gone]
    gone = np.concatenate([missing[1:], missing[-1:]])
    after[gone] = shapes[gone]
    return (before + 2 * shapes + after) / 4
