"""What the model card of a preset must say of the corpus it learnt."""

import importlib.metadata

_DRAWN = (
    "It learnt drawings of hand and body landmarks, as the corpus draws them from "
    "recordings; it has seen no camera pictures of people.",
    "Its glosses are letters of one-handed fingerspelling alphabets, not signs.",
    "Its word error rates compare with those of other presets of this corpus, and with "
    "none on PHOENIX-2014.",
)
_SAME_RECORDINGS = (
    "Dev and test spell other words at other tempi before other cameras, but from the "
    "same recordings as training, one a letter and language: the word error rates say "
    "nothing about signers it has not seen.",
)
LIMITS = {
    "fingerspelling": (*_DRAWN, *_SAME_RECORDINGS),
    "fingerspelling_si": _DRAWN,
}
"""Sentences, by corpus."""


def license_of(corpus):
    """Licence of what a corpus is made of; `None` where only its owner knows.

    Args:
        corpus: name, as `dtf_keras.data.list()` has it.
    """
    if corpus not in LIMITS:
        return None
    version = importlib.metadata.version("spoken-to-signed")
    return f"recordings of spoken-to-signed {version}: MIT"
