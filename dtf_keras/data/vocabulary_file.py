"""Which glosses a recognizer of recorded clips can tell apart."""

import dataclasses
import pathlib

from dtf_keras.data.text_table import read_lines
from dtf_keras.data.vocabulary import UNKNOWN, Vocabulary
from dtf_keras.words import composed, has_controls, one_form, quoted, shortened, tell

SHOWN = 3  # names that a sentence gives before it counts the rest
CLASSES_HEADER = "signstate classlabel"


def gloss_vocabulary(glosses):
    """The `Vocabulary` of all that training signs, sorted, and `"<unk>"`.

    Glosses with control characters are left to the check of their clips.
    """
    glosses = set(map(composed, glosses))
    return _with_unknown(sorted(one for one in glosses if not has_controls(one)))


def read_vocabulary(path, say=tell):
    """The `Vocabulary` in a file, and `"<unk>"` as its last gloss.

    Args:
        path: a file with one gloss a line (UTF-8), or a list of classes as PHOENIX
            has it, `newtrainingClasses.txt`: `signstate classlabel`, then a gloss and
            its number a line. Glosses come in the order of these numbers, silence
            (`si`) too, so that classes are those of models trained with that file.
        say: function that shows a line of text: letters of another Unicode form.

    Raises:
        FileNotFoundError: no such file.
        ValueError: what it has cannot be a vocabulary; the sentence names the file.
    """
    path = pathlib.Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no vocabulary file {path}.")
    lines = read_lines(path, say)
    if lines and lines[0].split() == CLASSES_HEADER.split():
        lines = _by_class(path, lines)
    try:
        return _with_unknown(lines)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def in_one_form(label, rows, say):
    """Clips whose texts are all in one Unicode form.

    Args:
        label: str, corpus and split, for people.
        rows: list of dataclasses with `id`, `glosses` and `signer`.
        say: function that shows a line of text: what was of another form.

    Returns:
        A list of such.
    """
    with one_form(label, say) as form:
        return [
            dataclasses.replace(
                row,
                id=form(row.id),
                glosses=tuple(map(form, row.glosses)),
                signer=form(row.signer),
            )
            for row in rows
        ]


def say_unknown(label, clips, vocabulary, say):
    """Says how many glosses of `clips` the vocabulary does not have.

    Raises:
        ValueError: it has none of them.
    """
    unknown = [gloss for clip in clips for gloss in vocabulary.unknown(clip.glosses)]
    total = sum(len(clip.glosses) for clip in clips)
    if total and len(unknown) == total:
        raise ValueError(
            f"{label}: none of the {total} glosses is in the vocabulary, neither "
            f"{some(unknown)}; it is that of another corpus."
        )
    if unknown:
        say(
            f"{label}: {len(unknown)} of {total} glosses are not in the vocabulary and "
            f"count as {UNKNOWN}: {some(sorted(set(unknown)))}"
        )


def some(names):
    """The first of `names`, and how many more, for a sentence."""
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(shortened, names[:SHOWN])) + more


def _with_unknown(glosses):
    return Vocabulary([*(gloss for gloss in glosses if gloss != UNKNOWN), UNKNOWN])


def _by_class(path, lines):
    """The glosses of a list of classes, in the order of their numbers."""
    glosses = {}
    for place, line in enumerate(lines[1:], start=2):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 2 or not parts[1].isdecimal():
            raise ValueError(
                f"Line {place} of {path} is {quoted(line)}, no gloss with its number."
            )
        gloss, number = parts[0], int(parts[1])
        if number in glosses:
            raise ValueError(
                f"Line {place} of {path} gives {quoted(gloss)} the number of "
                f"{quoted(glosses[number])}, {number}: give each gloss its own."
            )
        glosses[number] = gloss
    return [glosses[number] for number in sorted(glosses)]
