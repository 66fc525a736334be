"""From a clip (a video file, frames, a pose recording) to glosses with their times.

What needs Keras loads on first use, so that a command's `--help` answers at once.
"""

import importlib

from dtf_keras.recognition.clip_format import ClipFormat
from dtf_keras.recognition.clip_source import ClipSource
from dtf_keras.recognition.result import GlossSequence, Recognition, RecognizedGloss
from dtf_keras.recognition.subtitles import srt, webvtt

_LATER = {
    "ClipRecognizer": "recognize",
    "StepModel": "step_model",
    "recognize": "recognize",
    "step_edges": "recognize",
}

__all__ = [
    "ClipFormat",
    "ClipSource",
    "GlossSequence",
    "Recognition",
    "RecognizedGloss",
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
