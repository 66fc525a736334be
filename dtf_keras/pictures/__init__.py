"""Pictures of runs and of what models do, from plain arrays, as PNG files.

matplotlib is imported when the first picture is drawn.
"""

from dtf_keras.pictures.alignment_picture import draw_alignment
from dtf_keras.pictures.curves import draw_curves
from dtf_keras.pictures.recognition import draw_recognition

_LATER = ("draw_result",)  # it needs Keras

__all__ = ["draw_alignment", "draw_curves", "draw_recognition", *_LATER]


def __getattr__(name):
    if name in _LATER:
        from dtf_keras.pictures.result import draw_result

        return draw_result
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
