"""From a clip (a video file, frames, a pose recording) to glosses with their times.

What needs Keras loads on first use, so that a command's `--help` answers at once.
"""

import importlib

from dtf_keras.recognition.clip_format import ClipFormat
from dtf_keras.recognition.clip_source import ClipSource
from dtf_keras.recognition.example import example_clip
from dtf_keras.recognition.result import GlossSequence, Recognition, RecognizedGloss
from dtf_keras.recognition.subtitles import srt, webvtt

_LATER = {
    "ClipRecognizer": "clip_recognizer",
    "LayerNeighbours": "step_model",
    "StepModel": "step_model",
    "inspect": "inspection",
    "recognize": "clip_recognizer",
    "step_edges": "clip_recognizer",
}

__all__ = [
    "ClipFormat",
    "ClipSource",
    "GlossSequence",
    "Recognition",
    "RecognizedGloss",
    "example_clip",
    "srt",
    "webvtt",
    *_LATER,
]


def __getattr__(name):
    if name in _LATER:
        module = importlib.import_module(f"{__name__}.{_LATER[name]}")
        globals()[name] = getattr(module, name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
