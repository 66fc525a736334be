"""A look inside: what a model saw in the beginning of a clip and what it fused."""

import dataclasses
import itertools

import numpy as np

from dtf_keras.recognition.step_model import StepModel


@dataclasses.dataclass(frozen=True)
class Inspection:
    """The beginning of a clip, as people see it and as the model does.

    Attributes:
        frames: uint8 `[T, size, size, 3]`, larger than those the model reads.
        logits: float32 `[S, V]`.
        step_frames: int `[S]`, first frame of each step.
        neighbours: list of `LayerNeighbours`, one a dynamic layer.
        start: when the first frame is, in seconds of the clip.
    """

    frames: np.ndarray
    logits: np.ndarray
    step_frames: np.ndarray
    neighbours: list
    start: float


def inspect(model, source, seconds=20.0, size=160):
    """Runs a model over the beginning of a clip and keeps what pictures need.

    Args:
        model: `dtf_keras.models.Recognizer` with a `clip_format`.
        source: `ClipSource`; it is read twice.
        seconds: of the clip to look at.
        size: pixels a side of the frames to show.

    Returns:
        `Inspection`.

    Raises:
        ClipError: the clip cannot be read.
    """
    clip_format = model.clip_format
    count = max(1, round(seconds * clip_format.frame_rate))

    def beginning(pixels):
        return itertools.islice(source.frames(pixels, clip_format.crop), count)

    step_model = StepModel.of(model)
    features = np.concatenate(
        list(step_model.features(beginning(clip_format.frame_size)))
    )
    steps = step_model.steps(features, with_neighbours=True)
    frames = np.stack(list(beginning(size)))
    return Inspection(
        frames, steps.logits, steps.frames, steps.neighbours, source.start()
    )
