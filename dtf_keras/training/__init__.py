"""Training runs: a typed config in, a run folder out.

What needs Keras loads on first use, so that `--help` answers at once.
"""

from dtf_keras.later import load_later
from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import (
    DEFAULT_MODEL,
    RunConfig,
    SettingError,
)
from dtf_keras.training.settings.config_file import read_config, write_config

_LATER = {
    "OutOfMemoryError": "run.smaller_batches",
    "TrainingDivergedError": "run.health",
    "evaluate": "scoring.evaluation",
    "fit": "run.fitting",
    "resume": "run.fitting",
    "transcribe": "scoring.transcripts",
}

__all__ = [
    "DEFAULT_MODEL",
    "RunConfig",
    "RunFolder",
    "SettingError",
    "read_config",
    "recipes",
    "write_config",
    *_LATER,
]

__getattr__ = load_later(__name__, _LATER)
