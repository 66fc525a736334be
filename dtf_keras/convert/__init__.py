"""Checkpoints of published networks become models of the zoo.

>>> from dtf_keras import convert
>>> model = convert.from_checkpoint("ep59_26.3.pkl")

The engine knows how torch lays out what Keras has as well. What the files of a family
of networks have of their own is in `families`, one file each.
"""

from dtf_keras.convert.checkpoint import (
    Checkpoint,
    CheckpointError,
    from_checkpoint,
    load_checkpoint,
)
from dtf_keras.convert.conversion import Conversion, convert, from_state_dict
from dtf_keras.convert.families import FAMILIES, convertible, family_of
from dtf_keras.convert.family import Family
from dtf_keras.convert.gloss_dict import read_glosses
from dtf_keras.convert.tensors import StateDictError

__all__ = [
    "FAMILIES",
    "Checkpoint",
    "CheckpointError",
    "Conversion",
    "Family",
    "StateDictError",
    "convert",
    "convertible",
    "family_of",
    "from_checkpoint",
    "from_state_dict",
    "load_checkpoint",
    "read_glosses",
]
