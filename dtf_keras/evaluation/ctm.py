"""CTM files, what was recognized: `clip channel start duration gloss` a line."""

import math
from collections import defaultdict
from typing import NamedTuple

from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.evaluation.lines import (
    check_word,
    finite,
    is_comment,
    read_lines,
    words_of,
    write_lines,
)
from dtf_keras.words import quoted, tell


class CtmRow(NamedTuple):
    """One gloss recognized.

    Attributes:
        clip_id: id of the clip.
        start: seconds from the start of the clip.
        duration: seconds.
        gloss: the gloss.
        channel: "1" in all sign language corpora.
        confidence: 0 to 1, or None.
    """

    clip_id: str
    start: float
    duration: float
    gloss: str
    channel: str = "1"
    confidence: float | None = None


def read_ctm(path, say=tell):
    """Reads a CTM file, plain or in gzip.

    Args:
        path: the file.
        say: function that shows a line of text: letters of another Unicode form.

    Returns:
        List of `CtmRow` in the order of the file, without comments (`;;`).

    Raises:
        FileNotFoundError: no such file.
        ScoringError: a line that is no row of a CTM file, or whose times are NaN or
            infinite; names file and line.
    """
    rows = []
    for number, line in enumerate(read_lines(path, say), start=1):
        words = words_of(line)
        if not words or is_comment(line):
            continue
        try:
            rows.append(_row(words))
        except ValueError as error:
            raise ScoringError(
                f"{path}, line {number}: expected `clip channel start duration gloss` "
                f"with finite times in seconds, not {quoted(line.strip())}."
            ) from error
    return rows


def _row(words):
    clip_id, channel, start, duration, gloss, *rest = words
    if gloss.upper().startswith("<ALT"):
        raise ValueError("alternatives are for references")
    confidence = finite(rest[0]) if rest and rest[0].upper() != "NA" else None
    return CtmRow(clip_id, finite(start), finite(duration), gloss, channel, confidence)


def write_ctm(path, rows):
    """Writes a CTM file, in gzip if its name ends in .gz.

    Start times get as many digits as the longest needs (`03.200`, `12.040`), as the
    evaluation script of PHOENIX-2014 sorts them as text.

    Args:
        path: the file.
        rows: iterable of `CtmRow`.

    Raises:
        ScoringError: an id or a gloss that is empty or has blanks, a time that is
            negative or not finite, or two rows of a clip that start in the same
            millisecond.
    """
    rows = list(rows)
    width = max((len(f"{row.start:.3f}") for row in rows), default=0)
    lines, starts = [], defaultdict(set)
    for row in rows:
        check_word(row.clip_id, "The id of a clip")
        check_word(row.channel, f"The channel of clip {row.clip_id}")
        check_word(row.gloss, f"A gloss of clip {row.clip_id}")
        start = f"{row.start:0{width}.3f}"
        known = start in starts[row.clip_id]
        if known or not all(0 <= time < math.inf for time in row[1:3]):
            raise ScoringError(
                f"{row.gloss} of clip {row.clip_id} at {row.start} s for "
                f"{row.duration} s: times are positive and finite, and every gloss "
                "of a clip starts in a millisecond of its own."
            )
        starts[row.clip_id].add(start)
        line = f"{row.clip_id} {row.channel} {start} {row.duration:.3f} {row.gloss}"
        if row.confidence is not None:
            line += f" {row.confidence:.4f}"
        lines.append(line)
    write_lines(path, lines)
