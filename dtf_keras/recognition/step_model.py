"""A model cut in two: frames to features, which is most of the work, and the rest."""

import dataclasses

import keras
import numpy as np

from dtf_keras.input_format import as_floats
from dtf_keras.layers import (
    ChosenNeighbours,
    MultiScaleFusion,
    TemporalFusion,
    TimeAxis,
    count_valid_steps,
    lengths_to_mask,
)
from dtf_keras.recognition.windows import Windows, windowed

CHUNK = 32  # frames that become features at a time, or more if these see far


@dataclasses.dataclass(frozen=True)
class Steps:
    """Output steps of a stretch of a clip.

    Attributes:
        logits: float32 `[S, V]`.
        frames: int `[S]`, the frame at which each step lies, ascending.
        neighbours: list of `LayerNeighbours`, if they were asked for.
    """

    logits: np.ndarray
    frames: np.ndarray
    neighbours: list


@dataclasses.dataclass(frozen=True)
class ClipSteps:
    """What a model says of a whole clip.

    Attributes:
        logits: float32 `[S, V]`.
        frames: int `[S]`, the frame at which each step lies, ascending.
        num_frames: frames of the clip.
    """

    logits: np.ndarray
    frames: np.ndarray
    num_frames: int


@dataclasses.dataclass(frozen=True)
class LayerNeighbours:
    """What one dynamic layer fused, in frames of the clip.

    Attributes:
        layer: its name; one of several windows has a `LayerNeighbours` for each.
        anchors: int `[A]`, frame of each anchor.
        chosen: list of A int arrays, the frames of its neighbours, ascending.
        span: frames that one of these stands for.
        reach: a neighbour is at most so many places of `span` frames away.
    """

    layer: str
    anchors: np.ndarray
    chosen: list
    span: int
    reach: int


class StepModel:
    """The two halves of a recognizer, with the recognizer's own layers and weights.

    Frames become features a few at a time, in batches of one shape, so that no clip is
    ever held as pixels; where features see several frames, what is read at a time
    overlaps by as many. The features of a clip, or of a window of it, then pass the
    rest in one piece, padded to one of few lengths: compiled backends compile a few
    shapes, whatever the lengths of the clips.

    Args:
        model: `dtf_keras.models.Recognizer`.

    Attributes:
        seeing: `TimeAxis` from the frames to the features.
        axis: `TimeAxis` from the features to the logits.

    Raises:
        TypeError: a layer that does not say what it does to the time axis.
        ValueError: the model has no features `[B, T, D]`.
    """

    def __init__(self, model):
        self.name = model.name
        self._model = model
        whole = model.time_axis
        self._features = whole.cut()
        self.seeing = TimeAxis(whole.start, self._features)
        self.axis = TimeAxis(self._features, whole.end)
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
        """Features of a stream of frames: uint8 `[H, W, 3]` or float `[21, 2]` each.

        Yields:
            float `[n, D]`, and the frames at which they lie, int `[n]`: before the
            clip or after it, where the model repeats its first and last frame.
        """
        windows = Windows.of(self.seeing, self.name, least=CHUNK)

        def encode(window):
            return self.encode(window, windows.length)

        yield from windowed((frame[None] for frame in frames), windows, encode)

    def encode(self, window, length=None):
        """Features of a stretch of frames, and the frames in it at which they lie.

        Args:
            window: `[n, ...]`.
            length: frames to pad it to, so that compiled backends meet few shapes.

        Returns:
            float `[m, D]`, int `[m]`.
        """
        count = len(window)
        if length:
            padding = [(0, length - count)] + [(0, 0)] * (window.ndim - 1)
            window = np.pad(window, padding)
        inputs = {
            self._model.clips_name: as_floats(window[None]),
            "num_frames": np.array([count], "int32"),
        }
        features = np.asarray(self._backbone.predict_on_batch(inputs))[0]
        places = self.seeing.places(count)
        return features[: len(places)], places

    def steps(self, features, places=None, with_neighbours=False, least=1):
        """The output steps of a clip or window.

        Args:
            features: float `[T, D]`.
            places: int `[T]`, the frames at which they lie; by default from 0 on.
            with_neighbours: also give what each dynamic layer fused.
            least: features to pad them to, at least.

        Returns:
            `Steps`.
        """
        count, units = features.shape
        places = np.arange(count) if places is None else places
        length = _padded_length(max(count, least))
        padded = np.zeros((1, length, units), features.dtype)
        padded[0, :count] = features
        inputs = {"frames": padded, "num_frames": np.array([count], "int32")}
        outputs = self._rest_model(with_neighbours).predict_on_batch(inputs)
        logits, chosen = np.asarray(outputs["logits"], "float32"), {}
        for name in outputs.keys() - {"logits"}:
            anchors, near, slots = (np.asarray(x)[0] for x in outputs[name])
            real = slots.any(axis=-1)
            chosen[name] = anchors[real], near[real], slots[real]
        num_steps = int(keras.ops.convert_to_numpy(count_valid_steps(logits))[0])
        kept = {name: anchors for name, (anchors, _, _) in chosen.items()}
        own, read = self.axis.trace(count, kept)
        neighbours = [
            _neighbours(fusion.name, places[read[layer.name]], *chosen[fusion.name])
            for layer, fusion in (self._fusions() if with_neighbours else ())
        ]
        return Steps(logits[0, :num_steps], places[own[:num_steps]], neighbours)

    def clip_steps(self, frames, windows):
        """The output steps of a stream of frames.

        Args:
            frames: iterable of uint8 `[H, W, 3]` or float `[21, 2]`.
            windows: `Windows`; with a length, only so many features are kept.

        Returns:
            `ClipSteps`.
        """
        num_frames, seen = 0, []

        def counted():
            nonlocal num_frames
            for frame in frames:
                num_frames += 1
                yield frame

        def features():
            for values, places in self.features(counted()):
                seen.append(places)
                yield values

        def compute(window):
            steps = self.steps(window)
            return steps.logits, steps.frames

        logits, places = zip(*windowed(features(), windows, compute), strict=True)
        frames = np.concatenate(seen)[np.concatenate(places)]
        return ClipSteps(np.concatenate(logits), frames, num_frames)

    def _fusions(self):
        """The dynamic layers in the order in which the data goes, each with its parts.

        Returns:
            List of a layer and a `TemporalFusion`: itself, or one of its windows.
        """
        layers = [move.layer for move in self.axis.moves]
        return [
            (layer, fusion)
            for layer in layers
            if isinstance(layer, TemporalFusion | MultiScaleFusion)
            for fusion in layer.choosing_layers()
        ]

    def _rest_model(self, with_neighbours):
        """From features to logits, and to what the dynamic layers choose."""
        if with_neighbours not in self._rest:
            asked = [(layer, layer) for layer in self.axis.undetermined]
            if with_neighbours:
                asked = self._fusions()
            outputs = {
                fusion.name: ChosenNeighbours(fusion)(layer.input)
                for layer, fusion in asked
            }
            outputs["logits"] = self.axis.end
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


def _neighbours(name, places, anchors, near, slots):
    return LayerNeighbours(
        name,
        places[anchors],
        [places[row[own]] for row, own in zip(near, slots, strict=True)],
        int(places[1] - places[0]) if len(places) > 1 else 1,
        near.shape[-1] - 1,
    )


def _padded_length(num_frames):
    """The next of 16, 24, 32, 48, 64, 96 ...: at most half as much again."""
    length = 16
    while length < num_frames:
        length *= 2
    return length * 3 // 4 if num_frames <= length * 3 // 4 and length > 16 else length
