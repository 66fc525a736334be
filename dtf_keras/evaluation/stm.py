"""STM files, what was signed: `clip channel signer start end gloss ...` a line."""

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

# A reference that sclite leaves out of the score.
_IGNORED = ("IGNORE_TIME_SEGMENT_IN_SCORING", "IGNORETIMESEGMENTINSCORING")
_NO_LABEL = "<NA>"


class StmRow(NamedTuple):
    """What one clip signs.

    Attributes:
        clip_id: id of the clip, one row each.
        glosses: tuple of glosses; `{ B / C }` accepts either.
        signer: who signs.
        start, end: seconds; that of the corpus' files is all time there is.
        channel: "1" in all sign language corpora.
    """

    clip_id: str
    glosses: tuple[str, ...]
    signer: str
    start: float = 0.0
    end: float = 1.79769e308
    channel: str = "1"

    @property
    def ignored(self):
        """Whether the row says that its clip is not to be scored."""
        return any(mark in gloss for gloss in self.glosses for mark in _IGNORED)


def read_stm(path, say=tell):
    """Reads an STM file, plain or in gzip.

    A label (`<o,f0,male>`) before the glosses is passed over, as are comments (`;;`).

    Args:
        path: the file.
        say: function that shows a line of text: letters of another Unicode form.

    Returns:
        Dict from clip id to `StmRow`, in the order of the file.

    Raises:
        FileNotFoundError: no such file.
        ScoringError: a line that is no row of an STM file, or a clip in two rows;
            names file and line.
    """
    rows = {}
    for number, line in enumerate(read_lines(path, say), start=1):
        words = words_of(line)
        if not words or is_comment(line):
            continue
        try:
            clip_id, channel, signer, start, end, *glosses = words
            if glosses and glosses[0].startswith("<"):
                del glosses[0]
            row = StmRow(
                clip_id, tuple(glosses), signer, finite(start), finite(end), channel
            )
        except ValueError as error:
            raise ScoringError(
                f"{path}, line {number}: expected `clip channel signer start end "
                "gloss gloss ...` with finite times in seconds, not "
                f"{quoted(line.strip())}."
            ) from error
        if clip_id in rows:
            raise ScoringError(
                f"{path}, line {number}: clip {clip_id} has a row already; give each "
                "clip one row with all its glosses."
            )
        rows[clip_id] = row
    return rows


def write_stm(path, rows):
    """Writes an STM file, in gzip if its name ends in .gz.

    Args:
        path: the file.
        rows: iterable of `StmRow`.

    Raises:
        ScoringError: an id, signer or gloss that is empty or has blanks, or times that
            cannot be.
    """
    lines = []
    for row in rows:
        check_word(row.clip_id, "The id of a clip")
        check_word(row.channel, f"The channel of clip {row.clip_id}")
        check_word(row.signer, f"The signer of clip {row.clip_id}")
        if not 0 <= row.start <= row.end:
            raise ScoringError(
                f"Clip {row.clip_id} from {row.start} to {row.end} s: it begins at 0 "
                "or later, and ends after that."
            )
        for gloss in row.glosses:
            check_word(gloss, f"A gloss of clip {row.clip_id}")
        # The first word would be taken for a label if it looks like one.
        looks_like_label = row.glosses and row.glosses[0].startswith("<")
        times = [f"{time:.3f}" if time < 1e6 else "1.79769e+308" for time in row[3:5]]
        words = [row.clip_id, row.channel, row.signer, *times]
        words += [_NO_LABEL] if looks_like_label else []
        lines.append(" ".join([*words, *row.glosses]))
    write_lines(path, lines)
