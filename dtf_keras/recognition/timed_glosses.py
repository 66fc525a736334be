"""When a model decided for a gloss: the one place where steps become seconds."""

import keras
import numpy as np

from dtf_keras.input_format import as_floats
from dtf_keras.layers import ChosenNeighbours, count_valid_steps


def step_edges(places, num_frames, frame_rate):
    """When each step of a clip begins, and the last one ends.

    Args:
        places: int `[S]`, the frame at which each step lies, ascending.
        num_frames: frames of the clip.
        frame_rate: frames a second.

    Returns:
        float64 `[S + 1]`, seconds.
    """
    return np.append(places, num_frames) / frame_rate


class TimedModel:
    """A model whose logits of a batch come with the places of their steps.

    Args:
        model: `dtf_keras.models.Recognizer`.
    """

    def __init__(self, model):
        self._model = model
        self._axis = model.time_axis
        self._choices = None
        if self._axis.undetermined:
            layers = self._axis.undetermined
            outputs = {
                layer.name: ChosenNeighbours(layer)(layer.input) for layer in layers
            }
            self._choices = keras.Model(model.inputs, outputs)

    def predict(self, inputs):
        """Logits of a batch, and where their steps lie.

        Args:
            inputs: as the model reads them, with `num_frames`.

        Returns:
            float32 `[B, T', V]`, and a list of B int arrays `[S]`, the frames at which
            the real steps of each clip lie.
        """
        logits = np.asarray(self._model.predict_on_batch(inputs), "float32")
        kept = {}
        if self._choices is not None:
            name = self._model.clips_name
            own = {
                name: as_floats(np.asarray(inputs[name])),
                "num_frames": inputs["num_frames"],
            }
            kept = self._choices.predict_on_batch(own)
        steps = keras.ops.convert_to_numpy(count_valid_steps(logits))
        places = []
        for row, num_frames in enumerate(np.asarray(inputs["num_frames"]).tolist()):
            own = {}
            for name, (anchors, _, slots) in kept.items():
                real = np.asarray(slots)[row].any(axis=-1)
                own[name] = np.asarray(anchors)[row][real]
            places.append(self._axis.places(num_frames, own)[: steps[row]])
        return logits, places
