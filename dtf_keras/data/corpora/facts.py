"""What a corpus is, said where it is registered."""

import dataclasses
from collections.abc import Callable


def _unknown():
    return None


@dataclasses.dataclass(frozen=True)
class CorpusFacts:
    """What recipes, scores and model cards have to know of a corpus.

    Without arguments: recordings of which nothing else is known.
    """

    recorded: bool = True
    """Whether people were filmed; otherwise clips are drawn."""
    landmarks: bool = False
    """Whether its clips can be had as hand landmarks: what a run without a recipe then
    reads."""
    licence: Callable[[], str | None] = _unknown
    """Function that returns the licence of what the corpus is made of; `None` where
    only its owner knows."""
    limits: tuple[str, ...] = ()
    """Sentences on what a model that learnt this corpus cannot do."""
    rules: str = "plain"
    """Name of the rules by which it is scored, see `dtf_keras.evaluation.RULES`."""
    repeats: bool = False
    """Whether a gloss may follow itself, as a letter does: decoders then never merge
    repeated glosses, where a run begins with the settings of its source."""
    packed: bool = False
    """Whether a file that `scripts/pack.py` made of it is loaded by its own name;
    others are loaded as `packed`."""
