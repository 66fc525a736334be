"""Small presets for the tests of the zoo."""

import keras

from dtf_keras import models
from dtf_keras.input_format import InputFormat

GLOSSES = ("RAIN", "SUN", "WÄRME", "WIND", "ICE")
SMALL = {"num_classes": 6, "frame_size": 32, "width": 0.0625}
READS = InputFormat(32, 32, frame_rate=12.5)
WER = {
    "wer": 30.0,
    "substitutions": 27,
    "deletions": 2,
    "insertions": 1,
    "reference_glosses": 100,
}


def small_model(name, **options):
    """A small model with weights of its own, as training would give it."""
    keras.utils.set_random_seed(len(options))
    return models.build(name, models.make_config(name, **SMALL, **options))


def files_below(folder):
    """Names of what is in a folder, at any depth, but for lock files."""
    found = folder.rglob("*") if folder.exists() else ()
    return sorted(p.name for p in found if p.is_file() and p.suffix != ".lock")
