"""Errors of spelled phrases, whose glosses are characters.

The gloss `␣` (`dtf_keras.data.SPACE`) separates words.
"""

from dataclasses import dataclass
from typing import ClassVar

import jiwer

from dtf_keras.data.vocabulary import SPACE
from dtf_keras.evaluation.wer import WordErrors, numbered, word_errors
from dtf_keras.evaluation.word_alignment import Pair

_KINDS = {"equal": "C", "substitute": "S", "delete": "D", "insert": "I"}


@dataclass(frozen=True)
class CharacterErrors(WordErrors):
    """Errors of recognized characters against references, summed over clips.

    The glosses counted are characters, spaces too, so that `wer` is the CER.

    Attributes:
        words: `WordErrors` of the words between spaces.
    """

    words: WordErrors

    rate: ClassVar[str] = "CER"
    unit: ClassVar[str] = "characters"
    scoring: ClassVar[str] = (
        "glosses are characters as they are, spaces too, and WER is the CER; all clips "
        "of a split counted together"
    )

    @property
    def cer(self):
        """Character error rate in percent of the reference characters."""
        return self.wer

    @property
    def levenshtein_score(self):
        """1 - the normalised total Levenshtein distance: (N - D) / N.

        N are the characters of all references, D the errors, as in the competition on
        ASL Fingerspelling. It is below 0 where there are more errors than characters.
        """
        return 1 - self.cer / 100

    def to_dict(self):
        """As that of `WordErrors`, with `cer`, `levenshtein_score` and `words`."""
        return {
            **super().to_dict(),
            "cer": round(self.cer, 3),
            "levenshtein_score": round(self.levenshtein_score, 5),
            "words": self.words.to_dict(),
        }

    @classmethod
    def from_dict(cls, counts):
        """The inverse of `to_dict`."""
        words = WordErrors.from_dict(counts["words"])
        return super().from_dict({**counts, "words": words})

    def __str__(self):
        return f"{super().__str__()}; {self.in_words}"

    @property
    def in_words(self):
        """What is beside the CER, in words."""
        return (
            f"1 - normalised Levenshtein distance {self.levenshtein_score:.4f}; WER "
            f"{self.words.wer:.1f} % of {self.words.reference_glosses} words"
        )


def character_errors(references, hypotheses):
    """Counts the errors of a corpus whose glosses are characters.

    Args, raises: as `word_errors`.

    Returns:
        `CharacterErrors`.

    Example:

    >>> errors = character_errors([list("go␣on")], [list("go␣in")])
    >>> errors.cer, errors.levenshtein_score, errors.words.wer
    (20.0, 0.8, 50.0)
    """
    references, hypotheses = list(references), list(hypotheses)
    counts = word_errors(references, hypotheses)
    words = word_errors(map(_words, references), map(_words, hypotheses))
    return CharacterErrors(**vars(counts), words=words)


def errors_from_dict(counts):
    """What `to_dict` of `WordErrors` or of `CharacterErrors` made."""
    return (CharacterErrors if "words" in counts else WordErrors).from_dict(counts)


def align_characters(reference, hypothesis):
    """Aligns characters with the fewest errors, each as it is: a list of `Pair`.

    Example:

    >>> "".join(pair.kind for pair in align_characters("maine@", "main;"))
    'CCCCSD'
    """
    numbers = {}
    found = jiwer.process_words(
        numbered(list(reference), numbers), numbered(list(hypothesis), numbers)
    )
    pairs = []
    for part in found.alignments[0]:
        signed = reference[part.ref_start_idx : part.ref_end_idx]
        recognized = hypothesis[part.hyp_start_idx : part.hyp_end_idx]
        nothing = [None] * max(len(signed), len(recognized))
        pairs += [
            Pair(_KINDS[part.type], *pair)
            for pair in zip(signed or nothing, recognized or nothing, strict=True)
        ]
    return pairs


def _words(glosses):
    return "".join(" " if gloss == SPACE else gloss for gloss in glosses).split()
