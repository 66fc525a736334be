"""The picture of when a model recognizes what in one clip of a corpus split."""

import numpy as np

from dtf_keras import decoding, pictures
from dtf_keras.data.footage.hand_view import on_plain_ground
from dtf_keras.recognition import TimedModel, step_edges


class ClipPicture:
    """Draws the first of the clips with the most glosses, as often as asked.

    Args:
        model: zoo model.
        corpus: corpus split.
    """

    def __init__(self, model, corpus):
        index = int(np.argmax([len(clip.glosses) for clip in corpus.clips]))
        self._corpus = corpus
        self._glosses = corpus.clips[index].glosses
        self._frames = corpus.frames(index)
        self._inputs = {
            model.clips_name: self._frames[None],
            "num_frames": np.array([len(self._frames)], "int32"),
        }
        self._timed = TimedModel(model)

    def draw(self, file):
        """Draws it with the weights that the model has now.

        Args:
            file: the PNG to write, a path or a binary file.
        """
        frames, read = self._frames, self._corpus.input_format
        logits, (places,) = self._timed.predict(self._inputs)
        logits = logits[:, : len(places)]
        edges = step_edges(places, len(frames), read.frame_rate)
        points = None
        if read.of_landmarks:
            frames, points = map(np.stack, zip(*on_plain_ground(frames), strict=True))
        pictures.draw_alignment(
            file,
            frames,
            decoding.step_probabilities(logits[0]),
            decoding.greedy_spans(logits)[0],
            edges,
            self._glosses,
            lambda class_id: self._corpus.vocabulary.decode([class_id])[0],
            points,
        )
