"""Checkpoints of the source project become models of the zoo.

>>> from dtf_keras import convert
>>> model = convert.from_checkpoint("ep59_26.3.pkl")
"""

from dtf_keras.convert.checkpoint import (
    Checkpoint,
    CheckpointError,
    from_checkpoint,
    load_checkpoint,
)
from dtf_keras.convert.classes import class_names, class_order
from dtf_keras.convert.state_dict import Conversion, convert, from_state_dict
from dtf_keras.convert.tensors import StateDictError

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Conversion",
    "StateDictError",
    "class_names",
    "class_order",
    "convert",
    "from_checkpoint",
    "from_state_dict",
    "load_checkpoint",
]
