"""The names of bars along the time: measured, so that none lies over another."""

import numpy as np
from scipy.optimize import isotonic_regression

from dtf_keras.pictures.figure import grow

GAP = 14  # points from the bars up to their names, for the lines between them
FARTHEST = 60  # points that a name lies beside its bar at most
BESIDE = 5  # points between two names
LINE = 1.2  # height of a line of text, in font sizes


def name_bars(axes, names, lefts, rights, colours):
    """Names the bars from 0 to 1 of an axis.

    White inside them, if each is wide enough. Else all names stand above the bars, dark
    and joined to them by lines: side by side if there is room near their bars, upright
    if not, and smaller if there are too many even for that. The figure grows by their
    height.

    Args:
        axes: matplotlib axes that have their limits, and their place in the figure
            (`lay_out`).
        names: list of N strings.
        lefts, rights: where the bars begin and end, ascending, `[N]`.
        colours: list of N colours.
    """
    if not names:
        return
    middles = np.add(lefts, rights) / 2
    font = {"fontweight": "bold", "ha": "center"}
    texts = [
        axes.text(middle, 0.5, name, color="white", va="center", **font)
        for middle, name in zip(middles, names, strict=True)
    ]
    start, end = axes.get_xlim()
    points = 72 / axes.figure.dpi  # in a pixel
    room = axes.bbox.width * points
    scale = room / (end - start)
    widths = np.array([text.get_window_extent().width for text in texts]) * points
    if (widths <= np.subtract(rights, lefts) * scale).all():
        return
    size = texts[0].get_fontsize()
    for text in texts:
        text.remove()

    wanted = (middles - start) * scale
    shifts = apart(wanted, widths + BESIDE, room) - wanted
    height, turn = LINE * size, 0
    if np.abs(shifts).max() > FARTHEST or (widths + BESIDE).sum() > room:
        smaller = min(1, room / (LINE * size * len(names)))
        size, height, turn = smaller * size, smaller * widths.max(), 90
        shifts = apart(wanted, np.full(len(names), LINE * size), room) - wanted
    for middle, shift, name, colour in zip(
        middles, shifts, names, colours, strict=True
    ):
        axes.annotate(
            name,
            (middle, 1),
            (shift, GAP),
            textcoords="offset points",
            va="bottom",
            rotation=turn,
            fontsize=size,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "relpos": (0.5, 0),
                "shrinkA": 1,
                "shrinkB": 0,
            },
            **font,
        )
    grow(axes.figure, GAP + height)


def apart(middles, widths, room):
    """Moves things apart, as little as is needed for none to overlap another.

    Args:
        middles: where they are, ascending, `[N]`.
        widths: float `[N]`.
        room: they stay in 0..room, if all of them fit in there.

    Returns:
        float `[N]`, where they are then, in the same order.
    """
    packed = np.cumsum(widths) - np.divide(widths, 2)  # side by side, from 0 on
    rest = isotonic_regression(np.subtract(middles, packed)).x  # must not decrease
    return packed + np.clip(rest, 0, max(0, room - np.sum(widths)))
