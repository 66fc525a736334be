"""A look inside: what a model saw in the beginning of a clip and what it fused."""

import dataclasses
import itertools

import numpy as np

from dtf_keras.recognition.step_model import StepModel


@dataclasses.dataclass(frozen=True)
class Inspection:
    """The beginning of a clip, as people see it and as the model does.

    Attributes:
        frames: uint8 `[T, H, W, 3]`, RGB, as `ClipSource.frames_to_show` gives them.
        points: float `[T, 21, 2]`, where the hand's points are in there, in fractions
            of width and height, NaN if not seen; `None` where no hand is looked for.
        logits: float32 `[S, V]`.
        step_frames: int `[S]`, the frame at which each step lies.
        neighbours: list of `LayerNeighbours`, one a dynamic layer.
    """

    frames: np.ndarray
    points: np.ndarray | None
    logits: np.ndarray
    step_frames: np.ndarray
    neighbours: list


def inspect(model, source, seconds=20.0, size=192):
    """Runs a model over the beginning of a clip and keeps what pictures need.

    Args:
        model: `dtf_keras.models.Recognizer` with an `input_format`.
        source: `ClipSource`; it is read twice.
        seconds: of the clip to look at.
        size: pixels of the longer side of the frames to show.

    Returns:
        `Inspection`.

    Raises:
        ClipError: the clip cannot be read.
    """
    read = model.input_format
    count = max(1, round(seconds * read.frame_rate))
    step_model = StepModel.of(model)
    beginning = itertools.islice(source.frames(read), count)
    parts = zip(*step_model.features(beginning), strict=True)
    steps = step_model.steps(*map(np.concatenate, parts), with_neighbours=True)
    shown = itertools.islice(source.frames_to_show(read, size), count)
    frames, points = zip(*shown, strict=True)
    points = None if points[0] is None else np.stack(points)
    return Inspection(
        np.stack(frames), points, steps.logits, steps.frames, steps.neighbours
    )
