"""What can be wrong with a preset, and with getting one."""

import difflib


class PresetError(ValueError):
    """A preset that does not exist, is damaged, or does not fit."""


class UnknownPresetError(PresetError):
    """No preset has that name.

    Args:
        name: it.
        names: those that there are; the closest are named.
        advice: a sentence.
    """

    def __init__(self, name, names, advice):
        close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        super().__init__(f"There is no preset {name!r}. {hint}{advice}")


class HashMismatchError(PresetError):
    """A file that is not the one its preset's metadata lists.

    Args:
        file: it.
        expected: its sha256 or size as listed, with the word for which it is.
        got: the same of what came.
        advice: a sentence.
    """

    def __init__(self, file, expected, got, advice):
        super().__init__(
            f"{file} is not the file that was published: expected {expected}, "
            f"got {got}. {advice}"
        )


class DownloadError(OSError):
    """A server that does not answer, or does not have what it is asked for."""
