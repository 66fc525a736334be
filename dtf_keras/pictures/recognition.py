"""What a model recognized in a clip, and which frames it fused for that."""

import numpy as np

from dtf_keras.pictures.alignment_picture import (
    CHARTS,
    ROUND,
    colours_of,
    draw_probabilities,
    draw_spans,
    marks_of,
    name_peaks,
)
from dtf_keras.pictures.figure import INK, WIDTH, figure
from dtf_keras.pictures.film_strip import (
    CAPTION,
    GAP,
    PLACES,
    caption,
    draw_frame,
    draw_strip,
    strip_height,
)
from dtf_keras.pictures.title import write_title

ROW = 0.13  # inches a moment in the chart of a layer
WORDS = 0.52  # and for the words of a layer
SMALL = 7.5  # font size of these
CHOICES = "{}: frames fused (coloured) with a frame (triangle) of all those near (grey)"


def draw_recognition(
    path,
    frames,
    frame_rate,
    probabilities,
    edges,
    spans,
    glosses,
    title="",
    layers=(),
    moments=(),
    points=None,
):
    """Draws one clip: frames, gloss probabilities, result, and the fused frames.

    For each dynamic layer a chart shows which neighbours the frames at some moments
    were fused with, among those it could choose from, and a strip the neighbours of
    the moment in the middle themselves.

    Args:
        path: the PNG (or PDF, SVG) file to write.
        frames: `[T, H, W, 3]` uint8.
        frame_rate: frames a second.
        probabilities: `[S, V]` of the output steps; class 0 is blank.
        edges: `[S + 1]`, when each step begins and the last one ends, in seconds.
        spans: decoded glosses in order: objects with `class_id`, and `start` and
            `stop` in output steps (`dtf_keras.decoding.Span`).
        glosses: function from a class id to its gloss.
        title: heading.
        layers: what the dynamic layers fused: objects as
            `dtf_keras.recognition.LayerNeighbours`.
        moments: seconds to look at those.
        points: `[T, 21, 2]`, the hand in the frames: fractions of width and height,
            NaN where a point was not seen. It is drawn into them.

    Raises:
        ValueError: no frames or no output steps.
    """
    frames, probabilities = np.asarray(frames), np.asarray(probabilities)
    if not len(frames) or not len(probabilities):
        raise ValueError(
            f"The clip has {len(frames)} frames and {len(probabilities)} output "
            "steps: there is nothing to draw."
        )
    end = len(frames) / frame_rate
    colours = colours_of(probabilities, spans)
    moments = sorted(moments)
    layers = [layer for layer in layers if len(layer.anchors) and moments]
    heights = [strip_height(frames), *CHARTS]
    heights += len(layers) * [ROW * len(moments), strip_height(frames, CAPTION)]
    height = sum(heights) + ROUND + WORDS * len(layers)
    with figure(path, WIDTH, height) as picture:
        axes = picture.subplots(len(heights), 1, height_ratios=heights)
        for on_time in [*axes[1:3], *axes[3::2]]:
            on_time.set_xlim(0, end)
        draw_probabilities(axes[1], probabilities, edges, colours)
        marks = [_colour_at(moment, spans, edges, colours) for moment in moments]
        fused = [
            _draw_choices(chart, layer, moments, marks, frame_rate)
            for chart, layer in zip(axes[3::2], layers, strict=True)
        ]
        draw_spans(axes[2], spans, edges, colours, glosses)
        name_peaks(axes[1], probabilities, spans, edges, colours, glosses)
        own = marks_of(spans, edges, colours)
        draw_strip(axes[0], axes[1], frames, points, own)
        middle = len(moments) // 2
        for chart, strip, layer, near in zip(
            axes[3::2], axes[4::2], layers, fused, strict=True
        ):
            write_title(chart, [CHOICES.format(layer.layer)], fontsize=SMALL)
            shown = _middles(layer, near[middle], len(frames))
            _draw_fused(strip, frames, points, frame_rate, shown, marks[middle])
        write_title(axes[0], [title])


def _colour_at(moment, spans, edges, colours):
    for span in spans:
        if edges[span.start] <= moment <= edges[span.stop]:
            return colours[span.class_id]
    return INK


def _draw_choices(axes, layer, moments, marks, frame_rate):
    """A row a moment: what could be chosen and what was. Returns `(anchor, near)`s."""
    length = layer.span / frame_rate
    rows = []
    for row, (moment, colour) in enumerate(zip(moments, marks, strict=True)):
        place = np.abs(layer.anchors + layer.span / 2 - moment * frame_rate).argmin()
        anchor, near = layer.anchors[place], layer.chosen[place]
        first = max(0, anchor - layer.reach * layer.span) / frame_rate
        last = (anchor + (layer.reach + 1) * layer.span) / frame_rate
        last = min(last, axes.get_xlim()[1])
        axes.barh(row, last - first, left=first, height=0.8, color="#eeeeee")
        left = near / frame_rate + 0.07 * length
        axes.barh([row] * len(near), 0.86 * length, 0.8, left, color=colour)
        axes.plot(
            (anchor + layer.span / 2) / frame_rate,
            row,
            marker="v",
            color=INK,
            markersize=4,
            markeredgecolor="white",
            markeredgewidth=0.6,
        )
        rows.append((anchor, near))
    axes.set(ylim=(len(moments) - 0.4, -0.6), yticks=())
    axes.spines["left"].set_visible(False)
    return rows


def _middles(layer, chosen, num_frames):
    """The frames of an anchor and of its neighbours, int `[1 + k]`.

    Of those that stand for several frames it is the middle one.
    """
    anchor, near = chosen
    middles = np.concatenate([[anchor], near]) + layer.span // 2
    return np.minimum(middles, num_frames - 1)


def _draw_fused(axes, frames, points, frame_rate, shown, colour):
    """An anchor and, after a gap, its neighbours as pictures with their times."""
    height = frames.shape[1] / frames.shape[2]
    places = max(len(shown) + 1, PLACES)
    axes.set(xlim=(0, places * (1 + GAP)), ylim=(-CAPTION, height))
    axes.set_aspect("equal", anchor="NW")
    axes.set_axis_off()
    axes.apply_aspect()
    for place, index in enumerate(shown):
        left = (place + 0.3 * (place > 0)) * (1 + GAP) + GAP / 2
        border = colour if place else INK
        draw_frame(axes, frames, points, index, (left, 0, 1, height), border)
        caption(axes, left + 0.5, -0.04, index / frame_rate)
    axes.set_title(
        f"the frame at {shown[0] / frame_rate:.2f} s and those fused with it, in the "
        "order in which they are read",
        loc="left",
        fontsize=SMALL,
    )
