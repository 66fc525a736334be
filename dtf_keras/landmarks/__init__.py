"""Hands as points: what landmark clips are, and the measure in which models read them.

Coordinates go to the right and down. The 21 points of a hand are in MediaPipe's order.
`HandFinder` finds them in pictures.
"""

from dtf_keras.landmarks.gaps import BRIDGED, bridge_gaps
from dtf_keras.landmarks.hand_finder import HandFinder, finder_version
from dtf_keras.landmarks.hand_landmarks import HandLandmarks, LandmarkError
from dtf_keras.landmarks.model_file import hand_model
from dtf_keras.landmarks.palm_lengths import PalmMeasure, in_palm_lengths
from dtf_keras.landmarks.point_sampler import PointSampler
from dtf_keras.landmarks.points import FINGERS, KNUCKLES, NUM_POINTS, WRIST

__all__ = [
    "BRIDGED",
    "FINGERS",
    "KNUCKLES",
    "NUM_POINTS",
    "WRIST",
    "HandFinder",
    "HandLandmarks",
    "LandmarkError",
    "PalmMeasure",
    "PointSampler",
    "bridge_gaps",
    "finder_version",
    "hand_model",
    "in_palm_lengths",
]
