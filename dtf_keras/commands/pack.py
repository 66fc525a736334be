"""The command line of `pack`."""

import pathlib
from dataclasses import dataclass, field
from typing import Any, Literal

import tyro

from dtf_keras import data
from dtf_keras.commands.ending import command
from dtf_keras.commands.option_types import option_registry


@dataclass(frozen=True)
class PackArguments:
    """Packs a corpus into one HDF5 file of resized frames, which training reads fast.

    If it is interrupted, the same command goes on where it stopped; the file gets its
    name when it is whole. Train on it with `fit.py --data ... --root FILE`.
    """

    out: pathlib.Path
    """File to write, such as corpus.h5."""
    data: str = "phoenix2014"
    """Corpus, as `dtf_keras.data.list()` names it."""
    root: str | None = None
    """Where the corpus is."""
    splits: tuple[str, ...] = ("train", "dev", "test")
    """Splits to pack."""
    frame_size: int | tuple[int, int] = 112
    """Height and width of the frames that a model will see, in pixels; one number for
    both. Of a recorded corpus larger frames are kept, for training to crop."""
    crop: float | None = None
    """Sides of these frames as shares of those that are kept, where the corpus has
    this option; its own by default, 0.875 of recorded corpora."""
    resize: Literal["bilinear", "lanczos"] | None = None
    """How frames are resized, where the corpus has this option; bilinear by default."""
    num_clips: int | None = None
    """Clips to pack of each split, the first ones; all of them by default."""
    on_bad_clip: Literal["stop", "skip"] = "stop"
    """What to do with clips whose files are missing or damaged."""
    data_options: dict[str, Any] = field(default_factory=dict)
    """Other options of the corpus, as JSON: '{"vocabulary": "glosses.txt"}'."""
    workers: int | None = None
    """Threads that read clips; one a core, 2 to 8, by default."""


@command(
    ValueError,
    OSError,
    ModuleNotFoundError,
    interrupted="Interrupted. The same command goes on from here.",
)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(PackArguments, args=argv, registry=option_registry())
    pack(arguments)
    return 0


def pack(arguments):
    """Packs a corpus and says how fast that was and how to train on it.

    Args:
        arguments: `PackArguments`.
    """
    options = {"frame_size": arguments.frame_size, "num_clips": arguments.num_clips}
    for name in ("root", "crop", "resize"):
        if getattr(arguments, name) is not None:
            options[name] = getattr(arguments, name)
    if arguments.on_bad_clip != "stop":
        options["on_bad_clip"] = arguments.on_bad_clip
    data.check_request(arguments.out, arguments.splits, arguments.workers)
    corpora = []
    for split in arguments.splits:
        corpora.append(
            data.load(arguments.data, split, **options | arguments.data_options)
        )
        print(corpora[-1], flush=True)
    provenance = {"data": arguments.data, **options, **arguments.data_options}
    if arguments.root is not None:
        provenance["root"] = str(pathlib.Path(arguments.root).expanduser().resolve())
    packed = data.pack(corpora, arguments.out, provenance, arguments.workers, _say)
    size = packed.path.stat().st_size / 1e9
    rate = packed.num_frames / packed.seconds
    name = arguments.data if data.facts(arguments.data).packed else "packed"
    height, width = corpora[0].input_format.frame_size
    sides = f"{height}" if height == width else f"{height} {width}"
    print(
        f"{packed.path} is whole: {size:.2f} GB, {packed.num_frames:,} frames packed "
        f"just now, {rate:,.0f} a second.\n"
        f"Train on it: python scripts/fit.py --data {name} --root {packed.path} "
        f"--frame-size {sides}"
    )


def _say(line):
    print(line, flush=True)
