"""What a model recognized in a clip, and which frames it fused for that."""

import numpy as np

from dtf_keras.pictures.alignment_picture import (
    colours_of,
    draw_probabilities,
    draw_spans,
    draw_strip,
)
from dtf_keras.pictures.figure import INK, figure
from dtf_keras.pictures.title import write_title

WIDTH = 9  # inches
PLACES = 12  # frames in the strip on top


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
    heights = [0.62, 1.5, 0.3]
    heights += len(layers) * [0.3 + 0.13 * len(moments), 0.75]
    with figure(path, WIDTH, 0.8 + 1.28 * sum(heights)) as picture:
        axes = picture.subplots(len(heights), 1, height_ratios=heights)
        for on_time in [*axes[:3], *axes[3::2]]:
            on_time.set_xlim(0, end)
        draw_strip(axes[0], frames, end, PLACES)
        draw_probabilities(axes[1], probabilities, spans, edges, colours, glosses)
        axes[1].tick_params(labelbottom=False)
        axes[2].set_xlabel("time in seconds")
        marks = [_colour_at(moment, spans, edges, colours) for moment in moments]
        for number, layer in enumerate(layers):
            chart, strip = axes[3 + 2 * number], axes[4 + 2 * number]
            chosen = _draw_choices(chart, layer, moments, marks, frame_rate)
            middle = len(chosen) // 2
            _draw_fused(strip, frames, frame_rate, layer, chosen[middle], marks[middle])
        draw_spans(axes[2], spans, edges, colours, glosses)
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
    axes.set_title(
        f"layer '{layer.layer}': frames fused (coloured) with a frame (triangle), of "
        "those it may choose from (grey)",
        loc="left",
        fontsize=8,
    )
    axes.spines["left"].set_visible(False)
    return rows


def _draw_fused(axes, frames, frame_rate, layer, chosen, colour):
    """The neighbours of one anchor as pictures; the anchor itself comes first.

    Of neighbours that stand for several frames the middle one is shown, and its time.
    """
    anchor, near = chosen
    middles = np.concatenate([[anchor], near]) + layer.span // 2
    shown = np.minimum(middles, len(frames) - 1)
    places = max(len(shown) + 1, PLACES)
    for place, index in enumerate(shown):
        left = place + (0.35 if place else 0)
        axes.imshow(
            frames[index],
            extent=(left, left + 0.94, 0, 0.94),
            interpolation="antialiased",
        )
        box = {"fill": False, "edgecolor": INK if not place else colour}
        axes.add_patch(_rectangle((left, 0), 0.94, 0.94, lw=1.4, **box))
        name = f"{index / frame_rate:.2f} s"
        axes.text(left + 0.47, -0.06, name, ha="center", va="top", fontsize=6.5)
    axes.set(xlim=(0, places), ylim=(-0.3, 1))
    axes.set_aspect("equal", anchor="W")
    axes.set_axis_off()
    axes.set_title(
        f"the frame at {shown[0] / frame_rate:.2f} s and those fused with it, in the "
        "order in which they are read",
        loc="left",
        fontsize=8,
    )


def _rectangle(*args, **kwargs):
    from matplotlib.patches import Rectangle

    return Rectangle(*args, clip_on=False, **kwargs)
