"""Glosses and their class ids: class 0 is CTC's blank, glosses start at 1."""

import pathlib

from dtf_keras.data.text_table import read_lines
from dtf_keras.words import composed, has_controls, quoted, tell

BLANK = "<blank>"
UNKNOWN = "<unk>"
SPACE = "␣"
"""The gloss of a space between spelled words: files of text split lines at blanks."""


class Vocabulary:
    """The ordered glosses a recognizer can tell apart.

    Example:

    >>> vocabulary = Vocabulary(["HOUSE", "RAIN"])
    >>> vocabulary.num_classes, vocabulary.encode(["RAIN", "HOUSE"])
    (3, [2, 1])

    A gloss outside the vocabulary is an error, unless `"<unk>"` is one of its glosses:
    then it has that class.

    Args:
        glosses: iterable of distinct non-empty strings, without the blank; gloss
            `glosses[i]` is class `i + 1`. They are kept in the Unicode form NFC.

    Raises:
        ValueError: a gloss is empty, has control characters (`is_control`), is repeated
            or is the blank.
    """

    blank = BLANK

    def __init__(self, glosses):
        given = tuple(glosses)
        self.glosses = tuple(map(_in_one_form, given))
        self._ids = {}
        for class_id, gloss in enumerate(self.glosses, start=1):
            if not isinstance(gloss, str) or gloss != gloss.strip() or not gloss:
                raise ValueError(
                    f"Gloss {class_id} of the vocabulary is {quoted(gloss)}; a gloss "
                    "is a non-empty string without spaces or line ends around it."
                )
            if has_controls(gloss):
                raise ValueError(
                    f"Gloss {class_id} of the vocabulary is {quoted(gloss)}, with a "
                    "control or invisible character in it: take that out."
                )
            if gloss == BLANK:
                raise ValueError(
                    f"{quoted(gloss)} cannot be a gloss; take another name."
                )
            if gloss in self._ids:
                forms = given.count(gloss) == 1
                how = ", in two Unicode forms" if forms else ""
                raise ValueError(
                    f"The vocabulary has the gloss {quoted(gloss)} twice{how}."
                )
            self._ids[gloss] = class_id
        if not self.glosses:
            raise ValueError("A vocabulary needs at least one gloss.")

    @property
    def num_classes(self):
        """V: the number of glosses and the blank."""
        return len(self.glosses) + 1

    def encode(self, glosses, clip_id=None):
        """Class ids of `glosses`.

        Raises:
            ValueError: an unknown gloss, in a vocabulary without `"<unk>"`; the
                sentence names it and `clip_id`.
        """
        glosses = list(map(composed, glosses))
        unknown = self.unknown(glosses)
        if unknown and UNKNOWN in self._ids:
            return [self._ids.get(gloss, self._ids[UNKNOWN]) for gloss in glosses]
        if unknown:
            where = "" if clip_id is None else f" of clip {clip_id}"
            raise ValueError(
                f"The gloss {quoted(unknown[0])}{where} is not in the vocabulary of "
                f"{len(self.glosses)} glosses; add it or leave the clip out."
            )
        return [self._ids[gloss] for gloss in glosses]

    def unknown(self, glosses):
        """Those of `glosses` that have no class of their own, in order."""
        return [gloss for gloss in glosses if composed(gloss) not in self._ids]

    def decode(self, ids):
        """Names of class ids; class 0 gives `"<blank>"`.

        Raises:
            ValueError: an id outside `[0, num_classes)`.
        """
        names = (BLANK, *self.glosses)
        for class_id in ids:
            if not 0 <= class_id < len(names):
                raise ValueError(
                    f"Class {class_id} is not in the vocabulary of {len(names)} "
                    "classes."
                )
        return [names[class_id] for class_id in ids]

    @classmethod
    def from_file(cls, path, say=tell):
        """Reads a `glosses.txt`: UTF-8, one gloss a line, without the blank.

        Args:
            path: the file.
            say: function that shows a line of text: letters of another Unicode form.

        Raises:
            ValueError: as the constructor does, naming the file.
        """
        lines = read_lines(pathlib.Path(path), say)
        try:
            return cls(lines)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def to_file(self, path):
        """Writes what `from_file` reads."""
        text = "".join(f"{gloss}\n" for gloss in self.glosses)
        pathlib.Path(path).write_text(text, encoding="utf-8", newline="\n")

    def __len__(self):
        return len(self.glosses)

    def __eq__(self, other):
        return isinstance(other, Vocabulary) and self.glosses == other.glosses

    def __hash__(self):
        return hash(self.glosses)

    def __repr__(self):
        return f"Vocabulary({len(self.glosses)} glosses and the blank)"


def _in_one_form(gloss):
    return composed(gloss) if isinstance(gloss, str) else gloss
