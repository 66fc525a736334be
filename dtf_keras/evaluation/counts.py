"""Numbers of errors, summed and in percent as sclite prints them."""

from typing import NamedTuple


class ClipCounts(NamedTuple):
    """The glosses of one clip that are correct, and its errors of each kind."""

    correct: int
    substitutions: int
    deletions: int
    insertions: int

    @property
    def errors(self):
        """Number of errors of all kinds."""
        return self.substitutions + self.deletions + self.insertions


def total(clips):
    """The sum of some `ClipCounts`, as `Score.counts` has it."""
    clips = list(clips)
    correct, substitutions, deletions, insertions = map(sum, zip(*clips, strict=True))
    return {
        "snt": len(clips),
        "wrd": correct + substitutions + deletions,
        "corr": correct,
        "sub": substitutions,
        "del": deletions,
        "ins": insertions,
        "err": substitutions + deletions + insertions,
        "serr": sum(1 for counts in clips if counts.errors),
    }


def percent_of(counts):
    """`Score.percent` of a dict like `Score.counts`; None where nothing was signed."""
    percent = {}
    for name, count in counts.items():
        whole = counts["snt" if name == "serr" else "wrd"]
        percent[name] = count if name in ("snt", "wrd") else _rounded(count, whole)
    return percent


def _rounded(count, whole):
    """Percent to one decimal, halves up as sclite rounds them."""
    return int(count / whole * 100.0 * 10.0 + 0.5) / 10 if whole else None
