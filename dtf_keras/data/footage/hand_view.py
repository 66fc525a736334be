"""A clip of a hand for people: squares about the hand, and where its points are there.

All squares of a clip are of one size, so that a hand that comes nearer gets larger. In
each frame the hand is in the middle; where it is not seen, the square is on the way
from where it was to where it will be.
"""

import numpy as np

from dtf_keras.data.footage.frame_folder import resize
from dtf_keras.data.footage.sampling import resample

ABOUT = 1.4  # sides of the square in those of a large hand, and
ALONE = 1.2  # of points alone
LARGE = 0.95  # of the hands of a clip are at most as large
GROUND = 243  # grey where there is no picture


def about_hand(timed, points, frame_rate, size):
    """Squares cut out of pictures, at a steady rate.

    Args:
        timed: iterable of N pairs: seconds, and uint8 `[H, W, 3]`, RGB.
        points: `[N, 21, 2]`, pixels of these pictures, NaN where none was seen.
        frame_rate: float, frames a second to give: of each the nearest picture.
        size: pixels of the sides of the squares.

    Yields:
        uint8 `[size, size, 3]`, grey beside the picture, and float `[21, 2]`: the
        points as fractions of the square's sides.
    """
    corners, side = _squares(points, ABOUT)
    corners, side = np.round(corners).astype(int), int(np.ceil(side))
    cut = (
        (seconds, (_cut(picture, corner, side, size), (hand - corner) / side))
        for (seconds, picture), corner, hand in zip(timed, corners, points, strict=True)
    )
    yield from resample(cut, frame_rate)


def on_plain_ground(points):
    """As `about_hand`, of points alone: the squares are grey and of one pixel.

    Args:
        points: `[T, 21, 2]`, of any unit, NaN where none was seen.
    """
    corners, side = _squares(points, ALONE)
    ground = np.full((1, 1, 3), GROUND, "uint8")
    for corner, hand in zip(corners, points, strict=True):
        yield ground, (hand - corner) / side


def _squares(points, margin):
    """The upper left corners of squares about the hand, `[T, 2]`, and their side."""
    (seen,) = np.nonzero(~np.isnan(points).all(axis=(1, 2)))
    low, high = np.nanmin(points[seen], axis=1), np.nanmax(points[seen], axis=1)
    side = margin * np.quantile((high - low).max(axis=1), LARGE)
    frames = np.arange(len(points))
    middles = [np.interp(frames, seen, track) for track in (low + high).T / 2]
    return np.stack(middles, axis=-1) - side / 2, side


def _cut(picture, corner, side, size):
    from PIL import Image

    height, width = picture.shape[:2]
    left, top = corner
    rows = slice(max(0, top), max(0, min(height, top + side)))
    columns = slice(max(0, left), max(0, min(width, left + side)))
    square = np.full((side, side, 3), GROUND, "uint8")
    part = picture[rows, columns]
    if part.size:
        place = square[rows.start - top :, columns.start - left :]
        place[: part.shape[0], : part.shape[1]] = part
    return resize(Image.fromarray(square), (size, size), "lanczos")
