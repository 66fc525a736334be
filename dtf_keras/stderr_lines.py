"""Lines of stderr that are left out, those of libraries in other languages too."""

import contextlib
import os
import re
import tempfile
import time

_LAST_WORDS = 1.0  # seconds in which the last lines are passed on


@contextlib.contextmanager
def without_lines(beginnings):
    """Leaves out lines of stderr; all others are shown as they come.

    Another process passes them on, so that none is lost where this one is killed.

    Args:
        beginnings: regular expression of bytes, of how the lines begin.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    reads, writes = os.pipe()
    reader = os.fork()
    if reader == 0:
        _pass_on(reads, stderr, re.compile(beginnings))
    os.close(reads)
    os.dup2(writes, 2)
    os.close(writes)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        _wait(reader)


@contextlib.contextmanager
def held_back(beginnings):
    """Shows lines of stderr afterwards, and leaves out some; where threads run.

    Args:
        beginnings: regular expression of bytes, of how the lines begin.
    """
    with contextlib.ExitStack() as stack:
        try:
            lines = stack.enter_context(tempfile.TemporaryFile())
            stderr = os.dup(2)
        except OSError:  # it is closed, or nothing can be written
            yield
            return
        stack.callback(os.close, stderr)
        os.dup2(lines.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            lines.seek(0)
            shown = [line for line in lines if not re.match(beginnings, line)]
            os.write(2, b"".join(shown))


def _pass_on(reads, stderr, beginnings):
    try:
        os.setsid()  # away from Ctrl+C
        os.dup2(reads, 0)
        os.dup2(stderr, 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        with open(0, "rb") as lines:
            for line in lines:
                if not beginnings.match(line):
                    os.write(2, line)
    finally:
        os._exit(0)


def _wait(reader):
    """Waits until all lines are passed on, if no other process goes on writing."""
    last = time.monotonic() + _LAST_WORDS
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(reader, os.WNOHANG)[0] == 0 and time.monotonic() < last:
            time.sleep(0.005)
