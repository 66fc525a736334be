"""The alignment of NIST sclite, which decides what counts as which error."""

import functools
import itertools
import re
from typing import NamedTuple

import numpy as np

from dtf_keras.evaluation.alternation import NOTHING, to_arcs


class Costs(NamedTuple):
    """What an error costs; to pass over a `@` is almost free, to match two is not."""

    match: float
    substitution: float
    edit: float  # a deletion or an insertion
    pass_nothing: float
    match_nothing: float


_COSTS = Costs(0, 4, 3, 0.001, 1)
# Sums with thousandths are rounded as in sclite, for its choice among equals.
_SINGLE = Costs(*map(np.float32, _COSTS))


class Pair(NamedTuple):
    """One place of an alignment.

    Attributes:
        kind: "C" (correct), "S" (substitution), "D" (deletion) or "I" (insertion).
        reference: the gloss signed; None for an insertion.
        hypothesis: the gloss recognized; None for a deletion.
    """

    kind: str
    reference: str | None
    hypothesis: str | None


@functools.lru_cache(maxsize=100_000)
def spelling(word):
    """What sclite compares of a word: two words are equal if this is.

    Case of ASCII letters does not count (that of others does), nor does a `*` at the
    end, nor what follows a `;`; backslashes are dropped.

    >>> [spelling(word) for word in ("Regen*", "SÜD", "WIND;wind-1")]
    ['regen', 'sÜd', 'wind']
    """
    if ";" in word or "\\" in word:
        word = re.split(r"(?<!\\);", word, maxsplit=1)[0].replace("\\", "")
    if word.endswith("*") and len(word) > 1:
        word = word[:-1]
    # The lower case of bytes is that of ASCII alone.
    return word.encode().lower().decode()


def align(reference, hypothesis):
    """Aligns what was recognized with what was signed, as sclite does.

    Costs are 0 for a match, 4 for a substitution, 3 for an insertion or a deletion:
    a deletion and an insertion (6) are dearer than one substitution, and cheaper than
    two. Of equally cheap alignments the one is taken that, read from the end,
    prefers a match or substitution, then an insertion, then a deletion.

    Args:
        reference: list of glosses; `{ B / C }` accepts either, `@` is no gloss.
        hypothesis: list of glosses.

    Returns:
        List of `Pair` in the order of time, glosses as they were given.

    Raises:
        ScoringError: the braces of the reference do not fit.

    Example:

    >>> [pair.kind for pair in align(["A", "B", "C"], ["A", "X", "Y", "C"])]
    ['C', 'I', 'S', 'C']
    """
    arcs, ends = to_arcs(reference)
    signed = [spelling(arc.word) for arc in arcs[1:]]
    words = [spelling(word) for word in hypothesis]
    cost = _SINGLE if NOTHING in signed or NOTHING in words else _COSTS
    insertions = [cost.pass_nothing if w == NOTHING else cost.edit for w in words]
    rows = [list(itertools.accumulate(insertions, initial=cost.match))]
    moves, origins = [["I"] * len(rows[0])], [None]
    for word, arc in zip(signed, arcs[1:], strict=True):
        before, origin = _cheapest(rows, arc.before)
        row, row_moves = _row(word, words, insertions, before, cost)
        rows.append(row)
        moves.append(row_moves)
        origins.append(origin)
    end = min(ends, key=lambda place: rows[place][-1])
    return _trace(arcs, hypothesis, moves, origins, end)


def _cheapest(rows, before):
    """Of each column the lowest cost of the rows `before`, and the first such row."""
    if len(before) == 1:
        return rows[before[0]], [before[0]] * len(rows[0])
    columns = list(zip(*(rows[place] for place in before), strict=True))
    lowest = [min(column) for column in columns]
    firsts = zip(columns, lowest, strict=True)
    return lowest, [before[column.index(cost)] for column, cost in firsts]


def _row(word, words, insertions, before, cost):
    """Costs and moves of one reference word against every start of the hypothesis."""
    deletion = cost.pass_nothing if word == NOTHING else cost.edit
    match = cost.match_nothing if word == NOTHING else cost.match
    substitution = cost.substitution
    left = before[0] + deletion
    row, moves = [left], ["D"]
    for column, other in enumerate(words):
        diagonal = before[column] + (match if other == word else substitution)
        deleted = before[column + 1] + deletion
        inserted = left + insertions[column]
        if diagonal <= deleted and diagonal <= inserted:
            left, move = diagonal, "M"
        elif deleted < inserted:
            left, move = deleted, "D"
        else:
            left, move = inserted, "I"
        row.append(left)
        moves.append(move)
    return row, moves


def _trace(arcs, hypothesis, moves, origins, place):
    """The pairs of the cheapest alignment, followed back from its end."""
    pairs, column = [], len(hypothesis)
    while place or column:
        move = moves[place][column]
        column -= move != "D"
        gloss = arcs[place].word if move != "I" else None
        other = hypothesis[column] if move != "D" else None
        if move != "I":
            place = origins[place][column]
        if {gloss, other} - {None, NOTHING}:
            pairs.append(Pair(_kind(gloss, other), gloss, other))
    return pairs[::-1]


def _kind(gloss, other):
    if gloss is None:
        return "I"
    if other is None:
        return "D"
    return "C" if spelling(gloss) == spelling(other) else "S"
