"""What can be wrong with a preset, and with getting one."""


class PresetError(ValueError):
    """A preset that does not exist, is damaged, or does not fit."""


class NewerFormatError(PresetError):
    """A preset or a zoo that a newer version of this package wrote."""


class UnknownPresetError(PresetError):
    """No preset has that name."""


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
