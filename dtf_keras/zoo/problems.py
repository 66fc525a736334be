"""What can be wrong with a preset, and with getting one."""


class PresetError(ValueError):
    """A preset that does not exist, is damaged, or does not fit."""


class UnknownPresetError(PresetError):
    """No preset has that name."""


class HashMismatchError(PresetError):
    """A file that is not the one its preset's metadata lists."""

    def __init__(self, file, expected, got, advice):
        super().__init__(
            f"{file} is not the file that was published: expected sha256 {expected}, "
            f"got {got}. {advice}"
        )


class DownloadError(OSError):
    """A server that does not answer, or does not have what it is asked for."""
