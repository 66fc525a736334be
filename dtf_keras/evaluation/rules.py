"""How recognized glosses are compared, and what is done to them before, by corpus."""

from collections.abc import Callable
from dataclasses import dataclass

from dtf_keras.evaluation import phoenix
from dtf_keras.evaluation.characters import (
    CharacterErrors,
    align_characters,
    character_errors,
)
from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.evaluation.wer import WordErrors, word_errors
from dtf_keras.evaluation.word_alignment import align


@dataclass(frozen=True)
class Rules:
    """How a corpus is scored.

    Attributes:
        name: str.
        clean_line: from a line of the hypothesis, or a gloss of it, to what is left,
            None if nothing is. A CTM file is then read as the evaluation script of
            PHOENIX-2014 does, see `hypotheses`. None: lines stay as they are.
        clean_glosses: from the list of a clip's glosses to the list that is compared,
            for both hypothesis and reference. None: they stay as they are.
        empty: word in place of a clip in which nothing was recognized. None: there
            all glosses are deletions.
        align: from reference and hypothesis of a clip to a list of `Pair`.
        aligned: how that is done, for people.
        errors: class of what `count` returns: `WordErrors` or one of its kind.
        count: from the references and hypotheses of a corpus, as they are, to the plain
            errors, which training reports.
    """

    name: str
    clean_line: Callable | None = None
    clean_glosses: Callable | None = None
    empty: str | None = None
    align: Callable = align
    aligned: str = "as NIST sclite does"
    errors: type[WordErrors] = WordErrors
    count: Callable = word_errors


_RULES = (
    Rules("phoenix2014", clean_line=phoenix.clean_line, empty="[EMPTY]"),
    Rules("phoenix2014t", clean_glosses=phoenix.clean_sentence),
    Rules("plain"),
    Rules(
        "characters",
        align=align_characters,
        aligned="with the fewest errors",
        errors=CharacterErrors,
        count=character_errors,
    ),
)
RULES = {rules.name: rules for rules in _RULES}
"""The rules by name.

`phoenix2014`: the official evaluation of RWTH-PHOENIX-Weather 2014, to the last count.
Each line of the hypothesis is rewritten by itself, the reference never. So of the
usual CTM file, one gloss a line, letters are not joined and repeats not merged.

`phoenix2014t`: PHOENIX-2014-T has no official script. Both sides are cleaned clip by
clip as published recognizers of it do: markers (`__ON__`), `loc-`, `cl-`, `-PLUSPLUS`
and `RAUM` are removed, spelled letters joined (`S+H`) and repeats merged.

`plain`: sclite alone, nothing is rewritten.

`characters`: glosses are characters that spell phrases, `␣` a space. Nothing is
rewritten, signs that mean something to sclite (`@`, `;`) too, and the alignment is that
with the fewest errors, so that the error rate is the CER.
"""


def find_rules(name):
    """The `Rules` of a name.

    Raises:
        ScoringError: there are none of that name.
    """
    if name not in RULES:
        raise ScoringError(
            f"No rules are named {name!r}; there are {', '.join(RULES)}."
        )
    return RULES[name]
