"""Training runs: a typed config in, a run folder out.

What needs Keras loads on first use, so that `--help` answers at once.
"""

import importlib

from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import (
    DEFAULT_MODEL,
    SMOKE,
    RunConfig,
    SettingError,
    read_config,
)

_LATER = {
    "TrainingDivergedError": "run.health",
    "evaluate": "scoring.evaluation",
    "fit": "run.fitting",
    "resume": "run.fitting",
    "transcribe": "scoring.transcripts",
}

__all__ = [
    "DEFAULT_MODEL",
    "SMOKE",
    "RunConfig",
    "RunFolder",
    "SettingError",
    "read_config",
    "recipes",
    *_LATER,
]


def __getattr__(name):
    if name in _LATER:
        module = importlib.import_module(f"{__name__}.{_LATER[name]}")
        globals()[name] = getattr(module, name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
