"""Files that one process at a time may have; for every floor."""

import errno
import os
import pathlib


class FileInUseError(OSError):
    """Another process has a file; the sentence says which process, if that is known."""


IN_USE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOLCK)
"""What the system answers where a lock cannot be had."""


_CANNOT = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


class _NoLock:
    """What there is where a file system cannot lock."""

    is_locked = False

    def release(self):
        """Has nothing to give back."""


def take(path, wait=None):
    """Takes a lock, without waiting unless that is asked for.

    Some network file systems cannot lock: there it goes on without.

    Args:
        path: of the lock file, which is made.
        wait: function that says that another process has it, before that is waited for.

    Returns:
        The lock, to be given back with `release()`, as it is when the process ends;
        `is_locked` says whether the file system could.

    Raises:
        FileInUseError: another process has it; the text says who.
    """
    import filelock

    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        if wait is None:
            raise FileInUseError(holder(path)) from None
        wait()
        lock.acquire()
    except NotImplementedError:
        return _NoLock()
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        return _NoLock()
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
