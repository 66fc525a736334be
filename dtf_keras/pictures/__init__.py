"""Pictures of runs and of what models do, from plain arrays, as PNG files.

matplotlib is imported when the first picture is drawn.
"""

from dtf_keras.later import load_later
from dtf_keras.pictures.alignment_picture import draw_alignment
from dtf_keras.pictures.curves import draw_curves
from dtf_keras.pictures.recognition import draw_recognition

_LATER = {"draw_result": "result"}  # it needs Keras

__all__ = ["draw_alignment", "draw_curves", "draw_recognition", *_LATER]


__getattr__ = load_later(__name__, _LATER)
