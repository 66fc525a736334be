"""The letters as shapes of a hand in space: what `people` puts together.

All is in palm lengths of the person who signs: x to the right, y down, depth away from
the camera.
"""

import functools

import numpy as np

from dtf_keras.data.corpora.fingerspelling.recordings import (
    LANGUAGES,
    LETTERS,
    OTHERS,
    STROKES,
    load_hands,
)
from dtf_keras.landmarks.palm_lengths import palm_length
from dtf_keras.landmarks.points import WRIST

ALIKE = 0.45  # the farthest that two shapes of a letter are, a point on average
GATHERED = 0.75  # share of a letter's own distance from the signing place undone


@functools.cache
def palm(language):
    """The length of a person's palm in shoulder widths, over all letters."""
    signs = [sign for (one, _), sign in load_hands().items() if one == language]
    held = [points[first:last, :, :2] for points, first, last in signs]
    return float(np.median(palm_length(np.concatenate(held))))


@functools.cache
def sign(language, letter):
    """A letter alone: shapes `[T, 21, 3]` about the wrist, and its path `[T, 2]`.

    The path is about the place where the language's letters are signed.
    """
    shape, path, first, last = _whole(language, letter)
    path = path[first:last]
    place = GATHERED * np.median(path, axis=0)
    place += (1 - GATHERED) * _signing_place(language)
    return shape[first:last], path - place


def at_fractions(shape, path, way):
    """Both at fractions of their time, 0 to 1."""
    at = way * (len(shape) - 1)
    low = np.minimum(at.astype("int64"), max(len(shape) - 2, 0))
    high = np.minimum(low + 1, len(shape) - 1)
    part = at - low
    return tuple(
        x[low] + (x[high] - x[low]) * part.reshape(-1, *[1] * (x.ndim - 1))
        for x in (shape, path)
    )


def rest_shape(language, rng):
    """The hand as it is raised or lowered, of any recording: `[21, 3]`."""
    letter = LETTERS[rng.integers(len(LETTERS))]
    shape, _, first, last = _whole(language, letter)
    away = [*range(first), *range(last, len(shape))] or [0]
    return shape[away[rng.integers(len(away))]]


@functools.cache
def alike(language, letter):
    """The other languages that show a letter as this one does, and no other letter."""
    if letter in STROKES:
        return ()
    own = {one: _held(language, one) for one in LETTERS}
    found = []
    for other in (*LANGUAGES, *OTHERS):
        if other == language or (other, letter) not in load_hands():
            continue
        held = _held(other, letter)
        apart = {one: np.hypot(*(shape - held).T).mean() for one, shape in own.items()}
        if apart[letter] < ALIKE and apart[letter] == min(apart.values()):
            found.append(other)
    return tuple(found)


def _held(language, letter):
    """The shape of a letter while it is held, as a camera sees it: `[21, 2]`."""
    shape, _, first, last = _whole(language, letter)
    return np.median(shape[first:last, :, :2], axis=0)


@functools.cache
def _whole(language, letter):
    """A recording from the first frame with a hand to the last, and the sign's span."""
    points, first, last = load_hands()[language, letter]
    points = points / palm(language)
    wrist = points[:, WRIST : WRIST + 1]
    return points - wrist, wrist[:, 0, :2], first, last


@functools.cache
def _signing_place(language):
    places = []
    for letter in (letter for one, letter in load_hands() if one == language):
        _, path, first, last = _whole(language, letter)
        places.append(np.median(path[first:last], axis=0))
    return np.median(places, axis=0)
