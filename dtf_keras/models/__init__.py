"""The models: layers assembled, a builder and a typed config a row."""

from dtf_keras.models.build import build, input_format, outline
from dtf_keras.models.config import ModelConfig, option
from dtf_keras.models.cost import flops_per_frame
from dtf_keras.models.losses.ctc import CTCLoss, InfeasibleClips
from dtf_keras.models.networks import (  # they register
    corrnet,
    fewer_frames,
    full_conv,
    hybrids,
    sen,
    slowfast_sign,
    tlp,
    vac,
)
from dtf_keras.models.recognizer import Recognizer
from dtf_keras.models.registry import (
    ModelEntry,
    choices,
    entry,
    make_config,
    names,
    register,
)
from dtf_keras.models.sources import SOURCES, Reported, Source, reported, source

__all__ = [
    "SOURCES",
    "CTCLoss",
    "InfeasibleClips",
    "ModelConfig",
    "ModelEntry",
    "Recognizer",
    "Reported",
    "Source",
    "build",
    "choices",
    "entry",
    "flops_per_frame",
    "input_format",
    "make_config",
    "names",
    "option",
    "outline",
    "register",
    "reported",
    "source",
]
del corrnet, fewer_frames, full_conv, hybrids, sen, slowfast_sign, tlp, vac
