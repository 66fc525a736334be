"""The names of bars along the time: measured, so that none lies over another."""

import numpy as np
from scipy.optimize import isotonic_regression

from dtf_keras.pictures.figure import grow

GAP = 3  # points from the bars up to what stands above them
LEADS = 14  # and for the lines between them, where something was moved
FARTHEST = 60  # points that the middle of a name is from its bar, if not in its width
BESIDE = 3.5  # points between two names
LINE = 1.2  # height of a line of text, in font sizes
NAME, NOTE = 12, 7  # font sizes
SMALLER = 0.85  # of these, rather than upright
UPRIGHT = (
    (False, False),
    (False, True),
    (True, True),
)  # names and notes: tried in turn


def name_bars(axes, names, notes, middles, colours):
    """Names the bars from 0 to 1 of an axis, above them, each with a note under it.

    Side by side if there is room near their bars; with upright notes, and then upright
    names, if not; and smaller if there are too many. If any is moved, lines join them
    to their bars. The figure grows by their height.

    Args:
        axes: matplotlib axes that have their limits, and their place in the figure
            (`lay_out`).
        names, notes: lists of N strings.
        middles: of the bars, ascending, `[N]`.
        colours: list of N colours.
    """
    if not names:
        return
    start, end = axes.get_xlim()
    points = 72 / axes.figure.dpi  # in a pixel
    room = axes.bbox.width * points
    wanted = (np.asarray(middles) - start) * room / (end - start)
    styles = {"fontweight": "bold", "fontsize": NAME}, {"fontsize": NOTE}
    lengths = np.array(
        [_lengths(axes, names, styles[0]), _lengths(axes, notes, styles[1])]
    )
    lengths = lengths * points + BESIDE
    lines = LINE * np.array([NAME, NOTE])
    for upright in UPRIGHT:
        turned = np.array(upright)[:, None]
        widths = np.where(turned, lines[:, None], lengths).max(axis=0)
        smaller = min(1, room / widths.sum())
        shifts = apart(wanted, smaller * widths, room) - wanted
        near = np.abs(shifts) <= np.maximum(FARTHEST, smaller * widths / 2)
        if near.all() and smaller >= SMALLER:
            break
    heights = smaller * np.where(upright, lengths.max(axis=1), lines)
    gap = LEADS if np.abs(shifts).max() > 1 else GAP
    for number, (middle, shift, colour) in enumerate(
        zip(middles, shifts, colours, strict=True)
    ):
        line = _line(colour) if gap == LEADS else None
        for texts, style, turn, above, leading in (
            (notes, styles[1], upright[1], gap, line),
            (names, styles[0], upright[0], gap + heights[1], None),
        ):
            axes.annotate(
                texts[number],
                (middle, 1),
                (shift, above),
                textcoords="offset points",
                ha="center",
                va="bottom",
                rotation=90 * turn,
                arrowprops=leading,
                **{**style, "fontsize": smaller * style["fontsize"]},
            )
    grow(axes.figure, gap + heights.sum())


def _lengths(axes, texts, style):
    """How many pixels each text is long."""
    written = [axes.text(0, 0, text, **style) for text in texts]
    lengths = np.array([text.get_window_extent().width for text in written])
    for text in written:
        text.remove()
    return lengths


def _line(colour):
    return {
        "arrowstyle": "-",
        "color": colour,
        "relpos": (0.5, 0),
        "shrinkA": 1,
        "shrinkB": 0,
    }


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
