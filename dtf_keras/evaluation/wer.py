"""Plain word error rate over a corpus, the errors counted by jiwer.

It is what training reports. The official figure of PHOENIX-2014 is that of `score`,
which cleans the hypotheses and aligns as sclite does; `score` says how they differ.
"""

from dataclasses import dataclass, fields
from typing import ClassVar

import jiwer

from dtf_keras.words import composed, quoted


@dataclass(frozen=True)
class WordErrors:
    """Errors of recognized glosses against references, summed over clips.

    All four fields are numbers of glosses. `rate`, `unit` and `scoring` say what is
    counted, for people.
    """

    substitutions: int
    deletions: int
    insertions: int
    reference_glosses: int

    rate: ClassVar[str] = "WER"
    unit: ClassVar[str] = "glosses"
    scoring: ClassVar[str] = (
        "glosses as they are, all clips of a split counted together"
    )

    @property
    def total(self):
        """Number of errors: substitutions + deletions + insertions."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def wer(self):
        """Word error rate in percent of the reference glosses.

        It can exceed 100. With no reference gloss at all it is 0 where nothing
        was recognized either, and infinite otherwise.
        """
        if not self.reference_glosses:
            return float("inf") if self.total else 0.0
        return 100.0 * self.total / self.reference_glosses

    def to_dict(self):
        """A JSON-able dict: `wer` in percent and the four counts."""
        return {
            "wer": round(self.wer, 3),
            "substitutions": self.substitutions,
            "deletions": self.deletions,
            "insertions": self.insertions,
            "reference_glosses": self.reference_glosses,
        }

    @classmethod
    def from_dict(cls, counts):
        """The inverse of `to_dict`."""
        return cls(**{field.name: counts[field.name] for field in fields(cls)})

    def __str__(self):
        return (
            f"{self.wer:.1f} % ({self.substitutions} substitutions, "
            f"{self.deletions} deletions, {self.insertions} insertions "
            f"in {self.reference_glosses} {self.unit})"
        )


def word_errors(references, hypotheses):
    """Counts the word errors of a corpus.

    Errors and glosses are summed over all clips before they are divided, so a
    long clip weighs more than a short one. Glosses are compared as they are:
    case, accents and spaces inside a gloss count. Empty references and empty
    hypotheses are allowed.

    Args:
        references: list of B lists of glosses (strings), what was signed.
        hypotheses: list of B lists of glosses (strings), what was recognized.

    Returns:
        `WordErrors`.

    Raises:
        ValueError: the two lists differ in length.
        TypeError: a clip is a string rather than a list of glosses.

    Example:

    >>> errors = word_errors([["A", "B", "C"], ["A"]], [["A", "X"], ["A", "A"]])
    >>> errors.substitutions, errors.deletions, errors.insertions
    (1, 1, 1)
    >>> errors.wer
    75.0
    >>> word_errors([["A", "B"]], [[]]).wer
    100.0
    """
    references, hypotheses = list(references), list(hypotheses)
    if len(references) != len(hypotheses):
        raise ValueError(
            f"{len(references)} references and {len(hypotheses)} hypotheses: "
            "give one hypothesis for each reference, in the same order."
        )
    if not references:
        return WordErrors(0, 0, 0, 0)
    # jiwer splits sentences at spaces and trims them; numbers in place of the
    # glosses keep any gloss whole.
    numbers = {}
    counts = jiwer.process_words(
        [numbered(clip, numbers) for clip in references],
        [numbered(clip, numbers) for clip in hypotheses],
    )
    return WordErrors(
        substitutions=counts.substitutions,
        deletions=counts.deletions,
        insertions=counts.insertions,
        reference_glosses=sum(len(clip) for clip in references),
    )


def numbered(glosses, numbers):
    """A clip as jiwer takes it: a sentence of the numbers that stand for its glosses.

    Args:
        glosses: list of strings.
        numbers: dict of gloss to number, which gets those that it has not.
    """
    if isinstance(glosses, str):
        raise TypeError(
            f"A clip is the string {quoted(glosses)}: give a list of glosses, "
            "for example by `.split()`."
        )
    forms = map(composed, glosses)
    return " ".join(str(numbers.setdefault(form, len(numbers))) for form in forms)
