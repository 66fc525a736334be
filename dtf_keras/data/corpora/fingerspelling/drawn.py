"""Whether pictures are drawn as this corpus draws hands, or what a camera saw."""

import itertools

import numpy as np

from dtf_keras.data.corpora.fingerspelling.frames import FINGER_HUES

EVERY = 2  # frames: neighbours show nearly the same
LOOKED_AT = 8  # pictures with a hand that decide
MOST = 400  # frames: who shows no hand in so many draws none

_SIDE = 64  # pixels to which pictures are made smaller
_GREY = 0.45  # saturation, and
_DARK = 0.7  # value above which a colour is a finger's
_NEAR = 0.06  # of the hue circle
_LEAST = 0.002  # share of a picture that shows a finger
_PURE = 0.5  # share of all bright colours that have a finger's hue
_FINGERS = 3  # that a hand shows at least
_FLAT = 0.5  # share of neighbours that are alike:
_ALIKE = 0.02  # they differ by less, which compression does


def is_drawn(frames):
    """Whether a clip shows hands drawn as `fingerspelling` draws them.

    Such pictures are flat, and their bright colours are those of the fingers. Flat ones
    that show none do not count; the first others decide.

    Args:
        frames: iterable of uint8 `[H, W, 3]`, RGB; few of them are read.
    """
    votes = []
    for frame in itertools.islice(frames, 0, MOST, EVERY):
        vote = _looks_drawn(frame)
        if vote is not None:
            votes.append(vote)
        if len(votes) == LOOKED_AT:
            break
    return 2 * sum(votes) > len(votes)


def _looks_drawn(frame):
    """True or false of a picture; None if it is flat, but shows no fingers."""
    step = max(1, max(frame.shape[:2]) // _SIDE)
    small = frame[::step, ::step].astype("float32") / 255
    changes = [np.abs(np.diff(small, axis=axis)).max(axis=-1) for axis in (0, 1)]
    if (np.concatenate([change.ravel() for change in changes]) < _ALIKE).mean() < _FLAT:
        return False
    hue, saturation, value = _hsv(small)
    bright = (saturation > _GREY) & (value > _DARK)
    near = np.abs((hue[..., None] - np.array(FINGER_HUES) + 0.5) % 1 - 0.5) < _NEAR
    shown = (near & bright[..., None]).mean(axis=(0, 1)) > _LEAST
    if shown.sum() < _FINGERS:
        return None
    return near.any(axis=-1)[bright].mean() > _PURE


def _hsv(picture):
    """Hue, saturation and value, 0 to 1, of RGB from 0 to 1."""
    value, low = picture.max(axis=-1), picture.min(axis=-1)
    chroma = value - low
    safe = np.where(chroma > 0, chroma, 1)
    red, green, blue = np.moveaxis(picture, -1, 0)
    hue = np.select(
        [value == red, value == green],
        [(green - blue) / safe % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    return hue / 6, chroma / np.where(value > 0, value, 1), value
