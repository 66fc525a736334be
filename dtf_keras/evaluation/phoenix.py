"""What a gloss of RWTH-PHOENIX-Weather looks like, and the usual clean-ups.

Source: the evaluation script of RWTH-PHOENIX-Weather 2014, by its behaviour.
"""

import itertools
import re

PREFIXES = ("loc-", "cl-", "qu-", "poss-", "lh-")
MARKERS = ("__EMOTION__", "__PU__", "__LEFTHAND__")
DROPPED = ("__LEFTHAND__", "__EPENTHESIS__", "__EMOTION__")
REPEATED = "-PLUSPLUS"

_ZEIGEN = re.compile(r"ZEIGEN(?= |\Z)")
_RAUM = re.compile(r"([A-Z]{2})RAUM")
# A word of capitals alone that follows itself. The script reads bytes: to it an
# umlaut ends a word.
_REPEAT = re.compile(r"(?<![\w-])([A-Z]+)(?![\w-]) \1(?![\w-])")
_REPEAT_IN_BYTES = re.compile(_REPEAT.pattern, re.ASCII)
_LONE_LETTER = re.compile(r"(?:^|[ +])[A-Z](?=[ +]|\Z)")  # in all that is joined

# Passes over a line that put + between spelled letters. One pass joins every second
# blank, so the usual one runs three times.
_LETTERS = r"([ +][A-Z]) ([A-Z][ +])"
_JOINTS = tuple(
    (re.compile(pattern), joined)
    for pattern, joined in (
        (r"^([A-Z]) ([A-Z][ +])", r"\1+\2"),
        (r"[ +]([A-Z]) ([A-Z]) ", r" \1+\2 "),  # a + before them becomes a blank
        *[(_LETTERS, r"\1+\2")] * 3,
        (r"([ +]SCH) ([A-Z][ +])", r"\1+\2"),
        (r"([ +]NN) ([A-Z][ +])", r"\1+\2"),
        (r"([ +][A-Z]) (NN[ +])", r"\1+\2"),
        (r"([ +][A-Z]) ([A-Z])\Z", r"\1+\2"),
    )
)


def clean_line(line):
    """The rules of PHOENIX-2014 for one line of a hypothesis, or one gloss.

    The whole line is rewritten, its id too, and case counts.

    Args:
        line: string without its line feed.

    Returns:
        The line as it is scored; None where it is dropped.

    Example:

    >>> [clean_line(gloss) for gloss in ("loc-SUEDRAUM", "ANZEIGEN", "__EPENTHESIS__")]
    ['SUED', 'ANZEIGEN-BILDSCHIRM', None]
    """
    if "-" in line:
        for prefix in PREFIXES:
            line = line.replace(prefix, "")
    line = line.replace("S0NNE", "SONNE").replace("HABEN2", "HABEN")
    if "__" in line:
        for marker in MARKERS:
            line = line.replace(marker, "")
    line = line.replace("WIE AUSSEHEN", "WIE-AUSSEHEN")
    line = _ZEIGEN.sub("ZEIGEN-BILDSCHIRM", line)
    line = _join_letters(line)
    if "RAUM" in line:
        line = _RAUM.sub(r"\1", line)
    line = line.replace(REPEATED, "")
    line = _merge_repeats(line, _REPEAT_IN_BYTES)
    dropped = "__" in line and any(mark in line for mark in DROPPED)
    return None if dropped else line


def clean_sentence(glosses):
    """The usual clean-up of PHOENIX-2014-T for the glosses of a clip.

    Args:
        glosses: list of glosses.

    Returns:
        List of glosses.

    Example:

    >>> clean_sentence("__ON__ loc-SUEDRAUM S H REGEN REGEN-PLUSPLUS".split())
    ['SUED', 'S+H', 'REGEN']
    """
    # A marker leaves a second blank: letters on both sides of it are not joined.
    line = " ".join(_clean_word(gloss) for gloss in glosses)
    line = _join_letters(line.replace("WIE AUSSEHEN", "WIE-AUSSEHEN"))
    line = _merge_repeats(" ".join(line.split()), _REPEAT)
    return [word for word, _ in itertools.groupby(line.split())]


def _clean_word(word):
    for marker in DROPPED:
        word = word.replace(marker, "")
    word = re.sub(r"\b__[^_]*__\b", "", word)
    word = re.sub(r"\bloc-", "", word, count=1)
    word = re.sub(r"\bcl-", "", word, count=1)
    word = re.sub(r"-PLUSPLUS\b", "", word)
    return re.sub(r"\b([A-Z]+)RAUM\b", r"\1", word)


def _join_letters(line):
    if not _LONE_LETTER.search(line):
        return line
    for pattern, joined in _JOINTS:
        line = pattern.sub(joined, line)
    return line


def _merge_repeats(line, repeat):
    for _ in range(4):
        line, found = repeat.subn(r"\1", line)
        if not found:
            break
    return line
