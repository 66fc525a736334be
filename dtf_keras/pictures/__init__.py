"""Pictures of runs and of what models do, from plain arrays, as PNG files.

matplotlib is imported when the first picture is drawn.
"""

from dtf_keras.pictures.alignment import draw_alignment
from dtf_keras.pictures.curves import draw_curves

__all__ = ["draw_alignment", "draw_curves"]
