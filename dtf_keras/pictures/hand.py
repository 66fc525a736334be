"""The points of a hand over a picture of it, one colour a finger, as lines."""

import numpy as np

from dtf_keras.landmarks import FINGERS, KNUCKLES, WRIST
from dtf_keras.pictures.figure import INK

FINGER_COLOURS = ("#ff5a5f", "#ffc53d", "#46c66d", "#43b5f0", "#d478f0")
"""Thumb to little finger, as on the page of `dtf-keras demo`."""
PALM_COLOUR = "#c8ced6"
_PALM = [WRIST, *KNUCKLES, WRIST, FINGERS[0][0]]
_THICKNESS = 0.034  # of a line, in sides of the picture
_RIM = 0.014  # of the dark line about it


def draw_hand(axes, points, box, frame):
    """Draws a hand; of a finger that is not seen as a whole what is seen.

    Args:
        axes: matplotlib axes.
        points: `[21, 2]`, fractions of the picture's width and height from its upper
            left corner, NaN where a point was not seen.
        box: `(left, bottom, width, height)` of the picture in the axes.
        frame: the patch that nothing leaves.
    """
    from matplotlib.collections import LineCollection

    left, bottom, width, height = box
    places = np.stack(
        [left + width * points[:, 0], bottom + height * (1 - points[:, 1])], axis=-1
    )
    corners = axes.transData.transform([(0, 0), (0, height)])
    side = (corners[1] - corners[0])[1] * 72 / axes.figure.dpi
    through = [_PALM, *map(list, FINGERS)]
    lines = [places[one] for one in through]
    rim = LineCollection(lines, colors=INK, linewidths=(_THICKNESS + _RIM) * side)
    colours = [PALM_COLOUR, *FINGER_COLOURS]
    fingers = LineCollection(lines, colors=colours, linewidths=_THICKNESS * side)
    for collection in (rim, fingers):
        collection.set(capstyle="round", joinstyle="round", zorder=3)
        axes.add_collection(collection, autolim=False)
    (joints,) = axes.plot(
        *places.T,
        ls="",
        marker="o",
        markersize=0.6 * _THICKNESS * side,
        color="white",
        markeredgewidth=0,
        zorder=3,
    )
    for artist in (rim, fingers, joints):
        artist.set_clip_path(frame)
