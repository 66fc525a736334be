"""Points of a hand that moves, as a camera sees them."""

import numpy as np

_HAND = np.random.default_rng(5).uniform(-60, 60, (21, 2)) * (1, 1.4)


def moving_hand(times, seed=0):
    """Where the points are at given times: float64 `[T, 21, 2]`, pixels.

    A few shapes follow one another, a fifth of a second each, while the hand moves.
    """
    rng = np.random.default_rng(seed)
    shapes = _HAND + 25 * rng.normal(size=(6, 21, 2))
    order = rng.integers(0, 6, 1 + int(np.max(times) / 0.2))
    times = np.asarray(times, "float64")
    path = 300 + 80 * np.stack([np.sin(times), np.cos(1.3 * times)], axis=-1)
    return shapes[order[(times / 0.2).astype(int)]] + path[:, None]


def without(points, times, gaps):
    """The points, NaN from `start` to `end` seconds of each `(start, end, points)`."""
    points = points.copy()
    for start, end, lost in gaps:
        inside = (times >= start) & (times < end)
        points[np.ix_(inside, lost)] = np.nan
    return points
