"""The models: layers assembled, a builder and a typed config a row."""

from dtf_keras.models.build import build
from dtf_keras.models.config import ModelConfig, option
from dtf_keras.models.cost import flops_per_frame
from dtf_keras.models.losses.ctc import CTCLoss, InfeasibleClips
from dtf_keras.models.networks import fewer_frames, full_conv  # they register the rows
from dtf_keras.models.recognizer import Recognizer
from dtf_keras.models.registry import (
    ModelEntry,
    choices,
    entry,
    make_config,
    names,
    register,
)

__all__ = [
    "CTCLoss",
    "InfeasibleClips",
    "ModelConfig",
    "ModelEntry",
    "Recognizer",
    "build",
    "choices",
    "entry",
    "flops_per_frame",
    "make_config",
    "names",
    "option",
    "register",
]
del fewer_frames, full_conv
