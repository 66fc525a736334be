"""Frames of a clip side by side, each with its time."""

import numpy as np

from dtf_keras.pictures.bar_names import apart
from dtf_keras.pictures.figure import FAINT, INK, WIDTH
from dtf_keras.pictures.hand import draw_hand

PLACES = 10  # frames in a strip
GAP = 0.07  # between two of them, in widths of a frame
CAPTION = 0.26  # height of their times
LINES = 0.3  # and of the lines that lead to the chart below, likewise
SMALL = 64  # pixels up to which a frame is drawn as these


def strip_height(frames, below=CAPTION + LINES):
    """How high a strip is, in inches.

    Args:
        frames: `[T, H, W, 3]`.
        below: what is below the frames, in widths of a frame.
    """
    height, width = frames.shape[1:3]
    return WIDTH * (height / width + below) / (PLACES * (1 + GAP))


def draw_strip(axes, chart, frames, points, marks):
    """Draws the frames of the marks, and others between them, above a chart.

    Args:
        axes: matplotlib axes without limits.
        chart: those of the time, with limits from 0 to the end of the clip in seconds.
        frames: `[T, H, W, 3]` uint8.
        points: `[T, 21, 2]`, the hand in them as `draw_frame` takes it, or `None`.
        marks: list of `(seconds, colour)`, rising.
    """
    end = chart.get_xlim()[1]
    count = len(frames)
    colours = {min(round(s / end * count), count - 1): c for s, c in marks}
    shown = chosen(len(frames), sorted(colours))
    times = shown * end / len(frames)
    room = PLACES * (1 + GAP)
    middles = apart(times / end * room, np.full(len(shown), 1 + GAP), room)
    height = frames.shape[1] / frames.shape[2]
    axes.set(xlim=(0, room), ylim=(-CAPTION - LINES, height))
    axes.set_aspect("equal", anchor="N")
    axes.set_axis_off()
    axes.apply_aspect()
    top = chart.get_ylim()[1]
    for index, time, middle in zip(shown, times, middles, strict=True):
        colour = colours.get(index, FAINT)
        box = middle - 0.5, 0, 1, height
        draw_frame(axes, frames, points, index, box, colour)
        caption(axes, middle, -0.04, time)
        _lead(axes, (middle, -CAPTION), chart, (time, top), colour)
        if index in colours:
            chart.axvline(time, color=colour, lw=0.8, alpha=0.6, zorder=0)


def chosen(num_frames, wanted):
    """The frames of a strip, int `[n]`, ascending, `PLACES` if there are so many.

    They are those that are wanted, evenly fewer of them if there are too many; and
    where others are farthest away, one in the middle.

    Args:
        num_frames: frames to choose from.
        wanted: frames, ascending.
    """
    places = min(PLACES, num_frames)
    if len(wanted) > places:
        take = np.linspace(0, len(wanted) - 1, places).round().astype(int)
        return np.array(wanted)[take]
    if not wanted:
        return ((np.arange(places) + 0.5) * num_frames / places).astype(int)
    shown = list(wanted)
    while len(shown) < places:
        bounds = np.array([-1, *shown, num_frames])
        place = int(np.argmax(np.diff(bounds)))
        shown.insert(place, int(bounds[place] + bounds[place + 1] + 1) // 2)
    return np.array(shown)


def draw_frame(axes, frames, points, index, box, colour):
    """Draws one frame with the hand in it; pale, if no hand was seen.

    Args:
        axes: matplotlib axes.
        frames: `[T, H, W, 3]` uint8.
        points: `[T, 21, 2]`, fractions of the frame's width and height, NaN where a
            point was not seen; or `None`.
        index: which of them.
        box: `(left, bottom, width, height)` in the axes.
        colour: of the border.
    """
    left, bottom, width, height = box
    frame = _rectangle(box, fill=False, edgecolor=colour, linewidth=1.5, zorder=4)
    axes.add_patch(frame)
    axes.imshow(
        frames[index],
        extent=(left, left + width, bottom, bottom + height),
        aspect=axes.get_aspect(),
        interpolation="nearest" if frames.shape[1] <= SMALL else "antialiased",
        zorder=1,
    )
    if points is None:
        return
    if not np.isnan(points[index]).all():
        draw_hand(axes, points[index], box, frame)
        return
    axes.add_patch(_rectangle(box, color="white", alpha=0.6, linewidth=0, zorder=2))
    middle = {"x": left + width / 2, "y": bottom + height / 2}
    axes.text(s="no hand", **middle, ha="center", va="center", fontsize=7, zorder=3)


def caption(axes, middle, top, seconds):
    """The time of a frame, under it."""
    text = f"{seconds:.2f} s"
    axes.text(middle, top, text, ha="center", va="top", fontsize=7, color=INK)


def _lead(axes, start, chart, stop, colour):
    from matplotlib.patches import ConnectionPatch

    line = ConnectionPatch(
        start,
        stop,
        "data",
        "data",
        axesA=axes,
        axesB=chart,
        color=colour,
        linewidth=0.8,
    )
    line.set_in_layout(False)
    axes.figure.add_artist(line)


def _rectangle(box, **style):
    from matplotlib.patches import Rectangle

    left, bottom, width, height = box
    return Rectangle((left, bottom), width, height, clip_on=False, **style)
