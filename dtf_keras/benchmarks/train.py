"""A training step on every backend, and how another version of the package compares."""

import dataclasses
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import typing

from dtf_keras.benchmarks import CannotMeasure, check_models, training_step
from dtf_keras.eta import Pace, about
from dtf_keras.large_pages import without_large_pages

Backend = typing.Literal["tensorflow", "jax", "torch"]
OURS = pathlib.Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Times whole training steps: CTC, gradients and Adam, on clips of noise.

    Each backend runs in a process of its own, with the settings that the commands make
    (oneDNN on TensorFlow, `TF_ENABLE_ONEDNN_OPTS=0` turns it off; large pages on Linux,
    `GLIBC_TUNABLES=glibc.malloc.hugetlb=0` leaves them as they are). With `--beside`
    both versions run in turn, so that a machine that grows warm or busy slows both; the
    ratio of their medians is printed. A version whose commands know no large pages runs
    without.
    """

    model: str = "full_conv_v5"
    """Model of the zoo."""
    backends: tuple[Backend, ...] = ()
    """Backends; by default each that is installed."""
    beside: pathlib.Path | None = None
    """Checkout of another version, such as `git worktree add ../before v1.0` makes."""
    rounds: int = 2
    """Processes a backend and version; the median of their fastest steps counts."""
    steps: int = 3
    """Steps timed in a process, after two that are not."""
    clips: int = 2
    """Clips in the batch."""
    frames: int = 60
    """Frames of a clip."""
    frame_size: int | None = None
    """Side of the frames in pixels; by default the model's own."""
    width: float = 1.0
    """Factor on the model's channels."""
    classes: int = 100
    """Classes V, blank among them."""


def run(arguments):
    """Measures, and prints a line a backend as soon as it is known.

    Args:
        arguments: `Arguments`.

    Returns:
        Dict of each backend to the frames a second here and beside, a list of one for
        each round.

    Raises:
        CannotMeasure: there is no such model or checkout, nothing to count, or a
            process ended with an error, whose last line is told.
    """
    check_models(arguments.model)
    for name in ("rounds", "steps", "clips", "frames"):
        if getattr(arguments, name) < 1:
            raise CannotMeasure(f"--{name} must be at least 1.")
    backends = arguments.backends or _installed()
    versions = [OURS]
    if arguments.beside:
        versions.append(arguments.beside.resolve())
        if not (versions[-1] / "dtf_keras").is_dir():
            raise CannotMeasure(f"{arguments.beside} is no checkout of dtf_keras.")
    print(
        f"{arguments.model}, {arguments.clips} x {arguments.frames} frames\n"
        f"{'backend':<12}{'frames/s':>10}{'share':>8}{'beside':>10}{'ratio':>8}",
        flush=True,
    )
    pace = Pace(len(backends) * arguments.rounds * len(versions))
    found, done = {}, 0
    for backend in backends:
        rates, shares = [[] for _ in versions], []
        for _ in range(arguments.rounds):
            for own, version in zip(rates, versions, strict=True):
                step = _in_process(arguments, backend, version)
                own.append(step["frames_per_second"])
                if version is OURS:
                    shares.append(step["matrix_share"])
                done += 1
                print(
                    f"{done}/{pace.total}, {about(pace.to_go(done))}", file=sys.stderr
                )
        found[backend] = rates
        print(_line(backend, *map(statistics.median, [shares, *rates])), flush=True)
    return found


def _line(backend, share, rate, beside=None):
    line = f"{backend:<12}{rate:>10,.1f}{share:>8.0%}"
    return f"{line}{beside:>10,.1f}{rate / beside:>8.2f}" if beside else line


def _environment_of(version):
    """That of this process, without large pages where a version knows none."""
    knows_them = (version / "dtf_keras" / "large_pages.py").exists()
    return os.environ if knows_them else without_large_pages(os.environ)


def _installed():
    return [name for name in typing.get_args(Backend) if importlib.util.find_spec(name)]


def _in_process(arguments, backend, version):
    names = ("model", "clips", "frames", "frame_size", "width", "classes", "steps")
    settings = {name: getattr(arguments, name) for name in names}
    settings["share"] = version is OURS
    environment = {
        **_environment_of(version),
        "KERAS_BACKEND": backend,
        "PYTHONPATH": os.pathsep.join(
            [str(version), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
    }
    # Without -P the folder of the script would come first, with its own `data`.
    ended = subprocess.run(
        [
            *(sys.executable, "-P", training_step.__file__),
            json.dumps(settings),
        ],
        env=environment,
        capture_output=True,
        text=True,
    )
    lines = (ended.stdout if ended.returncode == 0 else ended.stderr).splitlines()
    if ended.returncode:
        last = lines[-1] if lines else f"exit status {ended.returncode}"
        raise CannotMeasure(f"A step of {version} on {backend} failed: {last}")
    return json.loads(lines[-1])
