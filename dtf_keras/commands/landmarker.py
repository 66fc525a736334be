"""The command line that builds the hand model anew."""

import pathlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.files import own_zoo
from dtf_keras.landmarks.model_file import WHEEL, build
from dtf_keras.words import tell

_DOWNLOAD = ["--no-deps", "--only-binary=:all:", "--implementation=cp"]
# The networks are the same in the wheels of all systems: one of them is enough.
_DOWNLOAD += ["--python-version=3.11", "--platform=manylinux2014_x86_64"]


@dataclass(frozen=True)
class LandmarkerArguments:
    """Builds the model that finds hands in pictures, as the package ships it.

    MediaPipe's own wheel of an older release is downloaded from PyPI into a temporary
    folder, and its two networks become one file, the same bytes every time. Nothing is
    installed.
    """

    wheel: pathlib.Path | None = None
    """That wheel, where it is on this machine already."""
    to: pathlib.Path | None = None
    """The file to write; by default that of the package's own zoo."""


@command(ValueError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(LandmarkerArguments, args=argv)
    to = arguments.to or own_zoo() / "hand_landmarker" / "hand_landmarker.task"
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        build(arguments.wheel or _download(folder), to)
    tell(f"{to} is the hand model of {WHEEL}.")
    return 0


def _download(folder):
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", folder]
    done = subprocess.run([*pip, *_DOWNLOAD, WHEEL])
    wheels = list(pathlib.Path(folder).glob("*.whl"))
    if done.returncode or not wheels:
        raise OSError(
            f"pip could not download {WHEEL}: give its wheel for any system with "
            "--wheel."
        )
    return wheels[0]
