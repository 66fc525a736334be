"""Files that one process at a time may have; for every floor."""

import errno
import os
import pathlib


class FileInUseError(OSError):
    """Another process has a file; the sentence says which process, if that is known."""


IN_USE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOLCK)
"""What the system answers where a lock cannot be had."""


def take(path):
    """Takes a lock without waiting.

    Args:
        path: of the lock file, which is made.

    Returns:
        The lock, to be given back with `release()`, as it is when the process ends.

    Raises:
        FileInUseError: another process has it; the text says who.
    """
    import filelock

    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise FileInUseError(holder(path)) from None
    return lock


def holder(path):
    """Who has a lock on a file, in words; Linux tells the number of the process."""
    try:
        place = f":{os.stat(path).st_ino}"
        locks = pathlib.Path("/proc/locks").read_text(encoding="utf-8").splitlines()
        held = [line.split() for line in locks]
        (pid, *_) = [one[4] for one in held if one[5].endswith(place)]
        command = pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (OSError, ValueError, IndexError):
        return "another process"
    return f"another process ({pid}, {command})"
