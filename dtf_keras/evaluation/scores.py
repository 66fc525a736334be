"""What scoring found: counts by clip, by signer and in total."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from dtf_keras.evaluation.characters import CharacterErrors
from dtf_keras.evaluation.counts import ClipCounts, percent_of, total
from dtf_keras.evaluation.rules import find_rules
from dtf_keras.evaluation.word_alignment import Pair


@dataclass(frozen=True)
class ClipScore:
    """One clip.

    Attributes:
        id: str.
        signer: str, or None if that is not known.
        pairs: tuple of `Pair`, the alignment.
        hypothesis: tuple of the words compared, after the clean-up.
        missing: whether the hypotheses had nothing of this clip, not even an empty
            list.
    """

    id: str
    signer: str | None
    pairs: tuple[Pair, ...]
    hypothesis: tuple[str, ...]
    missing: bool = False

    @cached_property
    def counts(self):
        """`ClipCounts`."""
        kinds = [pair.kind for pair in self.pairs]
        return ClipCounts(*map(kinds.count, "CSDI"))


@dataclass(frozen=True)
class Score:
    """The score of hypotheses against references.

    Attributes:
        rules: name of the rules.
        clips: tuple of `ClipScore` in the order of the references.
    """

    rules: str
    clips: tuple[ClipScore, ...]

    @property
    def utterances(self):
        """Dict from clip id to `ClipCounts`, a tuple (C, S, D, I)."""
        return {clip.id: clip.counts for clip in self.clips}

    @cached_property
    def counts(self):
        """Totals by sclite's names.

        `snt` clips, `wrd` reference glosses, `corr` correct ones, `sub`, `del` and
        `ins` errors of each kind, `err` their sum, `serr` clips with an error.
        """
        return total(clip.counts for clip in self.clips)

    @property
    def percent(self):
        """As sclite prints them, to one decimal.

        `snt` and `wrd` are numbers as in `counts`, `serr` is in percent of the clips,
        the others are in percent of the reference glosses.
        """
        return percent_of(self.counts)

    @cached_property
    def speakers(self):
        """Dict from signer to counts as in `counts`; empty if no signer is known."""
        clips = defaultdict(list)
        for clip in self.clips:
            if clip.signer is not None:
                clips[clip.signer].append(clip.counts)
        return {signer: total(counts) for signer, counts in clips.items()}

    @property
    def hypotheses(self):
        """Dict from clip id to the list of words compared, after the clean-up."""
        return {clip.id: list(clip.hypothesis) for clip in self.clips}

    @property
    def missing(self):
        """Ids of the clips of which the hypotheses had nothing."""
        return [clip.id for clip in self.clips if clip.missing]

    @property
    def wer(self):
        """Word error rate in percent of the reference glosses, not rounded."""
        counts = self.counts
        return 100.0 * counts["err"] / counts["wrd"]

    @property
    def sentence_error(self):
        """Clips with an error in percent of all, not rounded."""
        counts = self.counts
        return 100.0 * counts["serr"] / counts["snt"]

    @property
    def characters(self):
        """`CharacterErrors`, if the rules compare characters; otherwise `None`."""
        rules = find_rules(self.rules)
        if rules.errors is not CharacterErrors:
            return None
        references = [
            [pair.reference for pair in clip.pairs if pair.reference is not None]
            for clip in self.clips
        ]
        return rules.count(references, [clip.hypothesis for clip in self.clips])

    def most_common(self, kind):
        """How often which glosses were confused, missed or added, falling.

        Args:
            kind: "S", "D" or "I"; or "C" for what was right.

        Returns:
            List of ((reference, hypothesis), count); glosses as they were given.
        """
        found = Counter(
            (pair.reference, pair.hypothesis)
            for clip in self.clips
            for pair in clip.pairs
            if pair.kind == kind
        )
        return sorted(found.items(), key=lambda item: (-item[1], str(item[0])))

    def to_dict(self):
        """Everything as a JSON-able dict; an alignment is a word of C, S, D and I.

        `characters` are there only if the rules compare those.
        """
        characters = self.characters and self.characters.to_dict()
        return {
            "rules": self.rules,
            "wer": round(self.wer, 3),
            **({"characters": characters} if characters else {}),
            "counts": self.counts,
            "percent": self.percent,
            "signers": {
                signer: {"counts": counts, "percent": percent_of(counts)}
                for signer, counts in self.speakers.items()
            },
            "missing": self.missing,
            "confusions": [
                {"signed": pair[0], "recognized": pair[1], "count": count}
                for pair, count in self.most_common("S")
            ],
            "clips": {clip.id: _clip_dict(clip) for clip in self.clips},
        }


def _clip_dict(clip):
    reference = (pair.reference for pair in clip.pairs)
    return {
        "signer": clip.signer,
        "counts": clip.counts,
        "signed": " ".join(filter(None, reference)),
        "recognized": " ".join(clip.hypothesis),
        "alignment": "".join(pair.kind for pair in clip.pairs),
    }
