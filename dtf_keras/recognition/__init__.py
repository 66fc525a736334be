"""From a clip (a video file, frames, a pose recording) to glosses with their times.

What needs Keras loads on first use, so that a command's `--help` answers at once.
"""

from dtf_keras.later import load_later
from dtf_keras.recognition.clip_source import ClipSource
from dtf_keras.recognition.example import example_clip, example_hand
from dtf_keras.recognition.result import GlossSequence, Recognition, RecognizedGloss
from dtf_keras.recognition.subtitles import srt, webvtt

_LATER = {
    "ClipRecognizer": "clip_recognizer",
    "LayerNeighbours": "step_model",
    "StepModel": "step_model",
    "Stream": "stream",
    "TimedModel": "timed_glosses",
    "inspect": "inspection",
    "recognize": "clip_recognizer",
    "step_edges": "timed_glosses",
}

__all__ = [
    "ClipSource",
    "GlossSequence",
    "Recognition",
    "RecognizedGloss",
    "example_clip",
    "example_hand",
    "srt",
    "webvtt",
    *_LATER,
]

__getattr__ = load_later(__name__, _LATER)
