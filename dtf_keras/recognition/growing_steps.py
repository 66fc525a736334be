"""The output steps of a clip that is still going on."""

import numpy as np

from dtf_keras.recognition.step_model import CHUNK, ClipSteps
from dtf_keras.recognition.windows import GrowingWindow


class GrowingSteps:
    """Frames in, steps out: each as soon as no later frame can change it.

    Only as many frames and features are held as a step sees. Frames wait until a step
    can come of them, and then become features together.

    Args:
        step_model: `StepModel` whose steps see a bounded part of a clip.

    Attributes:
        num_frames: frames of which steps were computed.
        open: `ClipSteps` of the end of the clip, as if it ended with these frames;
            later ones may change them.
    """

    def __init__(self, step_model):
        self._model = step_model
        seeing, axis = step_model.seeing, step_model.axis
        self._stride = seeing.stride * axis.stride
        self._after = seeing.after + seeing.stride * axis.after
        beside = seeing.before + seeing.after + seeing.grid - 1
        self._lengths = (self._stride + beside, CHUNK + beside)  # frames at a time
        self._least = axis.before + axis.after + 2 * axis.stride
        self._features = GrowingWindow(seeing, self._encode)
        self._steps = GrowingWindow(axis, self._step)
        self._places = np.empty(0, int)  # frames of the features that are held
        self._waiting = []
        self.num_frames = 0
        self.open = None

    def push(self, frames):
        """Takes the next frames, a list; returns the `ClipSteps` that are settled."""
        self._waiting += frames
        count = self.num_frames + len(self._waiting)
        ready = len(self._waiting) - (count - 1 - self._after) % self._stride
        return self._run(max(ready, 0))

    def finish(self):
        """The `ClipSteps` that are left when the clip ends."""
        return self._run(len(self._waiting), last=True)

    def _run(self, count, last=False):
        ready, self._waiting = self._waiting[:count], self._waiting[count:]
        self.num_frames += count
        parts = []
        for at in range(0, count, CHUNK):
            parts.append(self._features.push(np.stack(ready[at : at + CHUNK])))
        if last:
            parts.append(self._features.push(last=True))
        parts = [(f[:n], places[:n]) for f, places, n in filter(None, parts)]
        if not parts:
            return self._made(np.empty((0, 0), "float32"), np.empty(0, int))
        features, places = map(np.concatenate, zip(*parts, strict=True))
        first = self._steps.start
        self._places = np.append(self._places, places)
        logits, steps, settled = self._steps.push(features, last)
        frames = self._places[steps - first]
        self._places = self._places[self._steps.start - first :]
        self.open = self._made(logits[settled:], frames[settled:])
        return self._made(logits[:settled], frames[:settled])

    def _made(self, logits, frames):
        return ClipSteps(logits, frames, self.num_frames)

    def _encode(self, window):
        length = next(length for length in self._lengths if length >= len(window))
        return self._model.encode(window, length)

    def _step(self, window):
        steps = self._model.steps(window, least=self._least)
        return steps.logits, steps.frames
