"""From a clip (a video file, frames, a pose recording) to glosses with their times."""

from dtf_keras.recognition.clip_format import ClipFormat

__all__ = ["ClipFormat"]
