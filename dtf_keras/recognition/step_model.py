"""A model cut in two: frames to features, which is most of the work, and the rest."""

import dataclasses

import keras
import numpy as np

from dtf_keras.layers import (
    ChosenNeighbours,
    TemporalFusion,
    count_valid_steps,
    lengths_to_mask,
)
from dtf_keras.recognition.time_axis import backbone_of, time_axis

CHUNK = 32  # frames that the backbone reads at a time


@dataclasses.dataclass(frozen=True)
class Steps:
    """Output steps of a stretch of a clip.

    Attributes:
        logits: float32 `[S, V]`.
        frames: int `[S]`, first frame of each step, ascending.
        neighbours: list of `LayerNeighbours`, if they were asked for.
    """

    logits: np.ndarray
    frames: np.ndarray
    neighbours: list


@dataclasses.dataclass(frozen=True)
class LayerNeighbours:
    """What one dynamic layer fused, in frames of the clip.

    Attributes:
        layer: its name.
        anchors: int `[A]`, first frame of each anchor.
        chosen: list of A int arrays, the first frames of its neighbours, ascending.
        span: frames that one of these stands for.
        reach: a neighbour is at most so many places of `span` frames away.
    """

    layer: str
    anchors: np.ndarray
    chosen: list
    span: int
    reach: int


class StepModel:
    """The two halves of a recogniser, with the recogniser's own layers and weights.

    Frames pass the backbone a few at a time, in batches of one shape, so that no clip
    is ever held as pixels. The features of a clip, or of a window of it, then pass
    the rest in one piece, padded to one of few lengths: compiled backends compile a
    few shapes, whatever the lengths of the clips.

    Args:
        model: `dtf_keras.models.Recognizer`.

    Attributes:
        axis: its `TimeAxis`.

    Raises:
        ValueError: the model has no `FrameBackbone`, or several.
    """

    def __init__(self, model):
        self.name = model.name
        self.axis = time_axis(model)
        self._model = model
        self._features = backbone_of(model).output
        self._backbone = keras.Model(model.input, self._features)
        self._rest = {}

    @classmethod
    def of(cls, model):
        """The `StepModel` of a model, made once."""
        made = model.__dict__.get("_step_model")
        if made is None:
            made = model._step_model = cls(model)
        return made

    def features(self, frames):
        """Features of a stream of frames: uint8 `[H, W, 3]` each.

        Yields:
            float `[n, D]`, of up to 32 frames at a time.
        """
        chunk = []
        for frame in frames:
            chunk.append(frame)
            if len(chunk) == CHUNK:
                yield self._encode(chunk)
                chunk = []
        if chunk:
            yield self._encode(chunk)

    def steps(self, features, with_neighbours=False):
        """The output steps of a clip or window.

        Args:
            features: float `[T, D]`.
            with_neighbours: also give what each dynamic layer fused.

        Returns:
            `Steps`, frames counted from the first of `features`.
        """
        num_frames, units = features.shape
        padded = np.zeros((1, _padded_length(num_frames), units), features.dtype)
        padded[0, :num_frames] = features
        inputs = {"frames": padded, "num_frames": np.array([num_frames], "int32")}
        outputs = self._rest_model(with_neighbours).predict_on_batch(inputs)
        logits, chosen = np.asarray(outputs["logits"], "float32"), {}
        for name in outputs.keys() - {"logits"}:
            anchors, frames, slots = (np.asarray(x)[0] for x in outputs[name])
            real = slots.any(axis=-1)
            chosen[name] = anchors[real], frames[real], slots[real]
        num_steps = int(keras.ops.convert_to_numpy(count_valid_steps(logits))[0])
        kept = {name: anchors for name, (anchors, _, _) in chosen.items()}
        frames, inputs = self.axis.trace(num_frames, kept)
        neighbours = []
        for name, places in inputs.items() if with_neighbours else ():
            anchors, near, slots = chosen[name]
            neighbours.append(
                LayerNeighbours(
                    name,
                    places[anchors],
                    [places[row[own]] for row, own in zip(near, slots, strict=True)],
                    int(places[1] - places[0]) if len(places) > 1 else 1,
                    near.shape[-1] - 1,
                )
            )
        return Steps(logits[0, :num_steps], frames[:num_steps], neighbours)

    def _encode(self, chunk):
        video = np.zeros((1, CHUNK, *chunk[0].shape), "float32")
        video[0, : len(chunk)] = np.stack(chunk) / np.float32(255)
        inputs = {"video": video, "num_frames": np.array([CHUNK], "int32")}
        return np.asarray(self._backbone.predict_on_batch(inputs))[0, : len(chunk)]

    def _rest_model(self, with_neighbours):
        """From features to logits, and to what the dynamic layers choose."""
        if with_neighbours not in self._rest:
            outputs = {"logits": self._model.output}
            for layer in self.axis.layers:
                fuses = isinstance(layer, TemporalFusion)
                if fuses and (with_neighbours or not layer.every_frame):
                    outputs[layer.name] = ChosenNeighbours(layer)(layer.input)
            rest = keras.Model(self._features, outputs)
            self._rest[with_neighbours] = _Padded(rest)
        return self._rest[with_neighbours]


class _Padded(keras.Model):
    """Hands a model that begins with features the mask of the real ones."""

    def __init__(self, rest):
        super().__init__(name="after_backbone")
        self.rest = rest

    def call(self, inputs):
        frames = inputs["frames"]  # (1, T, D)
        mask = lengths_to_mask(inputs["num_frames"], keras.ops.shape(frames)[1])
        # Not `self.rest(...)`, which warns that a mask ends in this model.
        return self.rest.call(frames, mask=mask)


def _padded_length(num_frames):
    """The next of 16, 24, 32, 48, 64, 96 ...: at most half as much again."""
    length = 16
    while length < num_frames:
        length *= 2
    return length * 3 // 4 if num_frames <= length * 3 // 4 and length > 16 else length
