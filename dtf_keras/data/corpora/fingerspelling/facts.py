"""What the fingerspelling corpus is, and what a model that learnt it cannot do."""

import dataclasses
import importlib.metadata

from dtf_keras.data.corpora.facts import CorpusFacts


def licence():
    """That of the recordings, with the version that is installed."""
    version = importlib.metadata.version("spoken-to-signed")
    return f"recordings of spoken-to-signed {version}: MIT"


_OF_LETTERS = (
    "It learnt the landmarks of recorded hands, drawn or as points; it has seen no "
    "camera pictures of people.",
    "Its glosses are letters of one-handed fingerspelling alphabets, not signs.",
    "Its word error rates compare with those of other presets of this corpus, and with "
    "none on PHOENIX-2014.",
)
_SAME_RECORDINGS = (
    "Dev and test spell other words at other tempi before other cameras, but from the "
    "same recordings as training, one a letter and language: the word error rates say "
    "nothing about signers it has not seen.",
)

ALL_SIGNERS = CorpusFacts(
    recorded=False,
    landmarks=True,
    licence=licence,
    limits=(*_OF_LETTERS, *_SAME_RECORDINGS),
    repeats=True,
)
OTHER_SIGNERS = dataclasses.replace(ALL_SIGNERS, limits=_OF_LETTERS)
