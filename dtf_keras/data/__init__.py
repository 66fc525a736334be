"""Corpora of continuous signing behind one registry: `load(name, split, ...)`.

A corpus has clips, a clip has frames and glosses; `corpus.batches(...)` pads them into
what a model reads. Importing this package imports neither TensorFlow nor PyTorch nor
JAX, and frames are drawn or read only when they are asked for.
"""

from dtf_keras.data.batches.augmentation import Augmentation
from dtf_keras.data.batches.batching import ClipBatches
from dtf_keras.data.batches.dataset import clip_errors
from dtf_keras.data.corpora import (
    asl_fingerspelling,
    csl_daily,
    fingerspelling,
    packed,
    phoenix,
    table,
)
from dtf_keras.data.corpora.facts import CorpusFacts
from dtf_keras.data.corpora.registry import facts, load, options, register
from dtf_keras.data.corpora.registry import list_corpora as list
from dtf_keras.data.corpus import Clip, Corpus, reading_rate
from dtf_keras.data.packed_file.joining import join
from dtf_keras.data.packed_file.writing import Packed, check_request, pack
from dtf_keras.data.validation import ClipError
from dtf_keras.data.vocabulary import BLANK, SPACE, UNKNOWN, Vocabulary

__all__ = [
    "BLANK",
    "SPACE",
    "UNKNOWN",
    "Augmentation",
    "Clip",
    "ClipBatches",
    "ClipError",
    "Corpus",
    "CorpusFacts",
    "Packed",
    "Vocabulary",
    "asl_fingerspelling",
    "check_request",
    "clip_errors",
    "csl_daily",
    "facts",
    "fingerspelling",
    "join",
    "list",
    "load",
    "options",
    "pack",
    "packed",
    "phoenix",
    "reading_rate",
    "register",
    "table",
]
