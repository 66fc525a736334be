"""Searches for good settings of a run, with keras-tuner.

What needs Keras loads on first use, so that `--help` answers at once.
"""

from dtf_keras.later import load_later
from dtf_keras.tuning.settings import SearchSettings

_LATER = {"search": "trials", "search_space": "space"}

__all__ = ["SearchSettings", *_LATER]

__getattr__ = load_later(__name__, _LATER)
