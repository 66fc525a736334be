"""Other processes of a run: who writes its folder, and what is said if one ends."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.checks import SettingError
from dtf_keras.words import printable


@contextlib.contextmanager
def own_folder(devices, folder):
    """The run folder that this process writes.

    The chief's is the real one. The others train the same and write a copy that is
    thrown away, so that nothing else has to ask who writes.

    Args:
        devices: of `choose`.
        folder: `RunFolder`.
    """
    if devices.chief:
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        own = pathlib.Path(place, folder.path.name)
        if folder.path.is_dir():
            shutil.copytree(folder.path, own)
        with (
            open(os.devnull, "w", encoding="utf-8") as nowhere,
            contextlib.redirect_stdout(nowhere),
        ):
            yield RunFolder(own)


@contextlib.contextmanager
def lost_processes(devices, folder):
    """Within it, the end of another process of the run is told as that.

    Args:
        devices: of `choose`.
        folder: `RunFolder` to go on from.

    Raises:
        SettingError: what the backend raised says that another process has gone.
    """
    if devices.processes == 1:
        yield
        return
    sentence = (
        "Another process of this run has ended. Start all of them again with "
        f"--resume {folder.path}: fewer devices will do too."
    )
    with _said_by_another(f"error: {printable(sentence)}\n"):
        try:
            yield
        except Exception as error:
            if not _says_lost(error):
                raise
            raise SettingError(sentence) from error


@contextlib.contextmanager
def _said_by_another(text):
    """Lets another process write a text to stderr if this one is aborted within.

    So JAX ends a process that waits for one that is lost.
    """
    code = "import sys; sys.stdin.read() or sys.stderr.write(sys.argv[1])"
    watcher = subprocess.Popen(
        [sys.executable, "-IS", "-c", code, text],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watcher.communicate("this one is there")


_LOST = (
    "gloo",
    "collective",
    "connection",
    "unavailable",
    "heartbeat",
    "coordination",
    "socket",
    "peer",
)


def _says_lost(error):
    """Whether an exception of a backend, none of a clip or a file, says so."""
    of_tensorflow = type(error).__module__.partition(".")[0] == "tensorflow"
    if not (of_tensorflow or isinstance(error, RuntimeError)):
        return False
    text = f"{type(error).__name__} {error}".lower()
    return any(word in text for word in _LOST)
