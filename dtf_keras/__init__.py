"""dtf_keras: a Keras 3 model zoo for continuous sign language recognition.

The subpackages load on first use, so that ``import dtf_keras`` costs nothing and
scoring or data work never imports a deep-learning framework. Where Keras is imported
already, they register with it at once, so that it can load ``.keras`` files.
"""

import importlib
import os
import sys

from dtf_keras.later import load_later
from dtf_keras.quiet_tensorflow import QuietTensorFlow

__version__ = "0.1.0"

_SUBPACKAGES = (
    "benchmarks",
    "commands",
    "convert",
    "data",
    "decoding",
    "evaluation",
    "layers",
    "models",
    "pictures",
    "recognition",
    "training",
    "tuning",
    "web",
    "zoo",
)


__getattr__ = load_later(__name__, dict.fromkeys(_SUBPACKAGES))


def __dir__():
    return sorted([*globals(), *_SUBPACKAGES])


if hasattr(os, "fork"):
    sys.meta_path.insert(0, QuietTensorFlow())
if "keras" in sys.modules:
    importlib.import_module(f"{__name__}.models")
