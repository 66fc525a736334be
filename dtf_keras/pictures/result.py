"""The picture of a recognition result."""

import numpy as np

from dtf_keras.decoding import Span, step_probabilities
from dtf_keras.pictures.figure import label
from dtf_keras.pictures.recognition import draw_recognition

MOST_MOMENTS = 10


def draw_result(path, seen, result, model, moments=()):
    """Draws what a model recognized in a clip, and which frames it fused for that.

    Args:
        path: the PNG (or PDF, SVG) file to write.
        seen: `dtf_keras.recognition.Inspection` of the clip's beginning.
        result: `dtf_keras.recognition.Recognition`.
        model: the model, of which the name, glosses and frame rate are read.
        moments: seconds at which to look at the fused frames; the middle of each
            recognized gloss, ten at most, by default.

    Raises:
        ValueError: a moment that is not in the picture.
    """
    rate = model.input_format.frame_rate
    end = len(seen.frames) / rate
    edges = np.append(seen.step_frames, len(seen.frames)) / rate
    ids = {gloss: place for place, gloss in enumerate(model.glosses, start=1)}
    shown = [gloss for gloss in result if gloss.end <= end + 1e-6]
    spans = [
        Span(
            ids[gloss.gloss],
            *np.abs(edges - gloss.start).argmin(keepdims=True).tolist(),
            *np.abs(edges - gloss.end).argmin(keepdims=True).tolist(),
            gloss.confidence,
        )
        for gloss in shown
    ]
    for moment in moments:
        if not 0 <= moment <= end:
            raise ValueError(
                f"{moment:g} s is not in the picture, which shows 0.00 to "
                f"{end:.2f} s of {result.clip}: give moments in there."
            )
    if not moments:
        step = -(-len(shown) // MOST_MOMENTS) or 1
        moments = [(gloss.start + gloss.end) / 2 for gloss in shown[::step]]
    part = "" if len(shown) == len(result) else f"the first {end:g} s of "
    draw_recognition(
        path,
        seen.frames,
        rate,
        step_probabilities(seen.logits),
        edges,
        spans,
        lambda class_id: model.glosses[class_id - 1],
        f"{model.name} in {part}{result.clip.rsplit('/', 1)[-1]}: "
        f"{' '.join(label(gloss.gloss) for gloss in shown) or '(nothing)'}",
        seen.neighbours,
        moments,
        seen.points,
    )
