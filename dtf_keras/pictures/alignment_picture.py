"""What a model recognizes when: frames, gloss probabilities, decoded glosses."""

import numpy as np

from dtf_keras.pictures.bar_names import name_bars
from dtf_keras.pictures.figure import COLOURS, FAINT, WIDTH, figure, label, lay_out
from dtf_keras.pictures.film_strip import draw_strip, strip_height
from dtf_keras.pictures.title import write_title

CHARTS = (1.5, 0.14)  # inches: heights of the probabilities and of the bars
ROUND = 0.85  # inches: words above and below all that
VISIBLE = 0.01  # of a probability
SHOWN_FROM = 0.1  # a gloss that never gets more probable than this has no curve


def draw_alignment(
    path,
    frames,
    probabilities,
    spans,
    edges,
    reference,
    glosses,
    points=None,
):
    """Draws one clip: its frames, each gloss' probability by time, and the result.

    Args:
        path: the PNG file to write.
        frames: `[T, H, W, 3]` uint8, the frames of the clip.
        probabilities: `[T', V]`, of the valid output steps; class 0 is blank.
        spans: decoded glosses in order: objects with `class_id`, and `start` and
            `stop` in output steps (`dtf_keras.decoding.Span`).
        edges: `[T' + 1]`, seconds at which each step begins, and the clip ends
            (`dtf_keras.recognition.step_edges`).
        reference: the glosses signed (strings).
        glosses: function from a class id to its gloss.
        points: `[T, 21, 2]`, the hand in the frames: fractions of width and height,
            NaN where a point was not seen.

    Raises:
        ValueError: no frames or no output steps.
    """
    frames, probabilities = np.asarray(frames), np.asarray(probabilities)
    num_steps = len(probabilities)
    if not len(frames) or not num_steps:
        raise ValueError(
            f"The clip has {len(frames)} frames and {num_steps} output steps: "
            "there is nothing to draw. Give a clip that the model has steps for."
        )
    edges = np.asarray(edges)
    end = edges[-1]
    colours = colours_of(probabilities, spans)
    heights = [strip_height(frames), *CHARTS]
    with figure(path, WIDTH, sum(heights) + ROUND) as picture:
        strip, curves, bars = picture.subplots(3, 1, height_ratios=heights)
        curves.set_xlim(0, end)
        bars.sharex(curves)
        draw_probabilities(curves, probabilities, edges, colours)
        draw_spans(bars, spans, edges, colours, glosses)
        name_peaks(curves, probabilities, spans, edges, colours, glosses)
        draw_strip(strip, curves, frames, points, marks_of(spans, edges, colours))
        recognized = " ".join(label(glosses(span.class_id)) for span in spans)
        write_title(
            strip,
            [
                f"signed:     {' '.join(map(label, reference))}",
                f"recognized: {recognized or '(nothing)'}",
            ],
            indent=len("recognized: "),
            family=["monospace", *strip.title.get_family()],
        )


def colours_of(probabilities, spans):
    """A colour each for the classes to show, a dict: the decoded ones in the order of
    time, then the others with a visible peak."""
    peaks = np.flatnonzero(probabilities.max(axis=0) >= SHOWN_FROM)
    decoded = [span.class_id for span in spans]
    shown = dict.fromkeys([*decoded, *(int(c) for c in peaks if c)])
    return {c: COLOURS[i % len(COLOURS)] for i, c in enumerate(shown)}


def marks_of(spans, edges, colours):
    """The middle of each span: list of `(seconds, colour)`."""
    return [
        ((edges[span.start] + edges[span.stop]) / 2, colours[span.class_id])
        for span in spans
    ]


def draw_probabilities(axes, probabilities, edges, colours):
    """The probability of each coloured class by time."""
    centres = (edges[:-1] + edges[1:]) / 2
    axes.plot(centres, probabilities[:, 0], color=FAINT, ls=":", lw=1.2)
    for class_id, colour in colours.items():
        curve = probabilities[:, class_id]
        shown = _near_visible(curve)
        axes.fill_between(centres, curve, where=shown, color=colour, alpha=0.2, lw=0)
        line = {"color": colour, "lw": 1.4, "marker": "o", "markersize": 2.5}
        axes.plot(centres, np.where(shown, curve, np.nan), **line)
    axes.set(ylim=(0, 1.2), yticks=(0, 0.5, 1), ylabel="probability\n(dotted: blank)")
    axes.tick_params(labelbottom=False)


def name_peaks(axes, probabilities, spans, edges, colours, glosses):
    """Names what was nearly recognized at its peaks; of those too near the highest."""
    centres = (edges[:-1] + edges[1:]) / 2
    decoded = {span.class_id for span in spans}  # they are named at their spans
    peaks = [
        (probabilities[step, class_id], step, class_id)
        for class_id in colours
        if class_id not in decoded
        for step in _peaks(probabilities[:, class_id])
    ]
    named = []
    for height, step, class_id in sorted(peaks, reverse=True):
        text, colour = label(glosses(class_id)), colours[class_id]
        name = _name(axes, text, centres[step], height, colour)
        box = name.get_window_extent()
        if any(box.overlaps(other) for other in named):
            name.remove()
        else:
            named.append(box)


def _name(axes, text, x, y, colour):
    """A name above a point; beside it, where it would leave the axes."""
    from matplotlib.patheffects import withStroke

    start, end = axes.get_xlim()
    place = (x - start) / (end - start)
    side = "left" if place < 0.1 else "right" if place > 0.9 else "center"
    return axes.annotate(
        text,
        (x, y),
        (0, 3),
        textcoords="offset points",
        ha=side,
        color=colour,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )


def _near_visible(curve):
    """Where a curve is more than a line on the axis, and the steps beside, `[T']`."""
    padded = np.pad(curve >= VISIBLE, 1)
    return padded[:-2] | padded[1:-1] | padded[2:]


def _peaks(curve):
    """Indices of the local maxima that are high enough to name."""
    padded = np.concatenate([[0], curve, [0]])
    rises, falls = padded[1:-1] > padded[:-2], padded[1:-1] >= padded[2:]
    return np.flatnonzero(rises & falls & (curve >= 0.2))


def draw_spans(axes, spans, edges, colours, glosses):
    """The decoded glosses as bars, with names and confidences; lays the figure out."""
    lefts = [edges[span.start] for span in spans]
    rights = [edges[span.stop] for span in spans]
    own = [colours[span.class_id] for span in spans]
    axes.barh(0.5, np.subtract(rights, lefts), left=lefts, height=1, color=own)
    axes.set(ylim=(0, 1), yticks=(0.5,), yticklabels=("recognized",))
    axes.set_xlabel("time in seconds")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    lay_out(axes.figure)
    names = [label(glosses(span.class_id)) for span in spans]
    confidences = [f"{span.probability:.2f}" for span in spans]
    name_bars(axes, names, confidences, np.add(lefts, rights) / 2, own)
