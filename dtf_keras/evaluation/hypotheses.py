"""What a CTM file says of each clip, as the rules of a corpus read it."""

import math
import re
from collections import defaultdict

from dtf_keras.eta import said
from dtf_keras.evaluation.ctm import read_ctm
from dtf_keras.evaluation.errors import ScoringError
from dtf_keras.evaluation.lines import is_comment, read_lines, words_of
from dtf_keras.words import quoted, tell

_FIELD = re.compile(r"[ \t]*[^ \t]+")  # a field of `sort`, with the blanks before it


def read_hypotheses(path, rules, say=tell):
    """Reads the hypotheses of a CTM file.

    Rules that clean lines read it as the evaluation script of PHOENIX-2014: rows that
    have no gloss after the clean-up are dropped, and the rest is ordered by clip, by
    start time *as text* (10.00 comes before 8.00), then by the whole line. Other rules
    order each clip by its start times, and refuse rows that are broken.

    Args:
        path: the CTM file, plain or in gzip.
        rules: `Rules`.
        say: function that shows a line of text: letters of another Unicode form, and
            now and then how many lines are read, with the time to go.

    Returns:
        Dict from (clip id, channel) to the list of words, not yet cleaned by
        `rules.clean_glosses`.

    Raises:
        FileNotFoundError: no such file.
        ScoringError: a row that is none, or a time that is NaN or infinite.
    """
    clips = defaultdict(list)
    if rules.clean_line is None:
        for row in sorted(read_ctm(path, say), key=lambda row: row.start):
            clips[row.clip_id, row.channel].append(row.gloss)
        return dict(clips)
    lines = read_lines(path, say)
    _require_finite_times(path, lines)
    lines = said(lines, "  read {done} of {total} lines", say)
    lines = (line for line in lines if not is_comment(line))
    cleaned = (line for line in map(rules.clean_line, lines) if line is not None)
    for line in sorted(_with_glosses(cleaned, rules.empty), key=_order):
        clip_id, channel, _, _, gloss, *_ = words_of(line)
        clips[clip_id, channel].append(gloss)
    return dict(clips)


def _require_finite_times(path, lines):
    """Raises ScoringError at NaN or infinity; other words are in order as text."""
    for number, line in enumerate(lines, start=1):
        for time in () if is_comment(line) else words_of(line)[2:4]:
            if _is_endless(time):
                raise ScoringError(
                    f"{path}, line {number}: the time {time} is not finite."
                )


def _is_endless(word):
    try:
        return not math.isfinite(float(word))
    except ValueError:
        return False


def _with_glosses(lines, empty):
    """The rows that have a gloss, and one with `empty` for a clip that has none yet.

    The script decides that where the next clip begins: a clip whose rows are not
    together gets both that word and the glosses of its later rows.
    """
    filled = set()
    last_line = last_id = ""
    for line in (line.rstrip(" \t\r\f\v") for line in lines):
        words = words_of(line)
        clip_id = words[0] if words else ""
        if clip_id != last_id and last_line and last_id not in filled:
            if len(words_of(last_line)) < 4:
                raise ScoringError(f"The row {quoted(last_line)} has no times.")
            yield f"{last_line} {empty}"
        if len(words) >= 5:
            filled.add(clip_id)
            yield line
        last_line, last_id = line, clip_id


def _order(line):
    """The place of a row for `sort -k1,1 -k3,3` in the C locale."""
    clip_id, _, start, *_ = _FIELD.findall(line)
    return clip_id.encode(), start.encode(), line.encode()
