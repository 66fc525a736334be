"""Searches for good settings of a run, with keras-tuner.

What needs Keras loads on first use, so that `--help` answers at once.
"""

import importlib

from dtf_keras.tuning.settings import SearchSettings

_LATER = {"search": "trials", "search_space": "space"}

__all__ = ["SearchSettings", *_LATER]


def __getattr__(name):
    if name in _LATER:
        module = importlib.import_module(f"{__name__}.{_LATER[name]}")
        globals()[name] = getattr(module, name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
