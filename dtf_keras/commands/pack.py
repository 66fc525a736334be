"""The command line of `pack`."""

import json
import pathlib
import shlex
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import tyro

from dtf_keras import data
from dtf_keras.commands.ending import command
from dtf_keras.commands.option_types import option_registry
from dtf_keras.data.corpora.recorded import CROP
from dtf_keras.input_format import InputFormat
from dtf_keras.values import size_2d
from dtf_keras.words import tell

FRAME_SIZE = 112  # pixels, where nothing else is said


@dataclass(frozen=True)
class PackArguments:
    """Packs a corpus into one HDF5 file of resized frames, which training reads fast.

    If it is interrupted, the same command goes on where it stopped; the file gets its
    name when it is whole. Train on it with `fit.py --data ... --root FILE`. Several
    machines pack a large corpus into shards, which `--join` makes one corpus.
    """

    out: pathlib.Path
    """File to write, such as corpus.h5; of shards their folder."""
    shard: str | None = None
    """K/N, such as 3/16: packs the third of sixteen parts of the clips into a file of
    the folder --out. A shard that is there and whole is left as it is."""
    join: bool = False
    """Checks that all shards are in the folder --out, whole and of one corpus, and
    makes them one; takes no other flag."""
    data: str = "phoenix2014"
    """Corpus, as `dtf_keras.data.list()` names it."""
    root: str | None = None
    """Where the corpus is."""
    splits: tuple[str, ...] = ("train", "dev", "test")
    """Splits to pack."""
    frame_size: int | tuple[int, int] | None = None
    """Height and width of the frames that a model will see, in pixels; one number for
    both; 112 by default. Of a recorded corpus larger frames are kept, for training to
    crop."""
    crop: float | None = None
    """Sides of these frames as shares of those that are kept, where the corpus has
    this option; its own by default, 0.875 of recorded corpora."""
    size: int | tuple[int, int] | None = None
    """In place of --frame-size, height and width of the frames that are kept: 256 for
    networks that read 224 of 256 pixels; smaller frames can be made of these."""
    resize: Literal["bilinear", "lanczos"] | None = None
    """How frames are resized, where the corpus has this option; by default bilinear,
    with --size lanczos."""
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
    if arguments.join:
        join(arguments)
    else:
        pack(arguments)
    return 0


def pack(arguments):
    """Packs a corpus and says how fast that was and how to train on it.

    Args:
        arguments: `PackArguments`.
    """
    options = {**_pictures(arguments), "num_clips": arguments.num_clips}
    if arguments.root is not None:
        options["root"] = arguments.root
    if arguments.on_bad_clip != "stop":
        options["on_bad_clip"] = arguments.on_bad_clip
    if "shard" in arguments.data_options:
        raise ValueError("shard is no option of the corpus here: give --shard.")
    splits, shard = arguments.splits, arguments.shard
    data.check_request(arguments.out, splits, arguments.workers, shard)
    options |= arguments.data_options
    corpora = []
    for split in arguments.splits:
        corpora.append(data.load(arguments.data, split, **options, shard=shard))
        tell(corpora[-1])
    provenance = {"data": arguments.data, **options}
    if arguments.root is not None:
        root = str(pathlib.Path(arguments.root).expanduser().resolve())
        arguments = replace(arguments, root=root)
        provenance["root"] = root
    if shard is not None:
        provenance["command"] = _command(arguments)
    packed = data.pack(corpora, arguments.out, provenance, arguments.workers, tell)
    size = packed.path.stat().st_size / 1e9
    rate = packed.num_frames / packed.seconds
    tell(
        f"{packed.path} is whole: {size:.2f} GB, {packed.frame_bytes:,} bytes a frame; "
        f"{packed.num_frames:,} frames packed just now, {rate:,.0f} a second."
    )
    if shard is None:
        tell(_how_to_train(arguments.data, packed.path, corpora[0].input_format))
    else:
        tell(
            "When all shards are packed: python scripts/pack.py --join --out "
            f"{arguments.out}"
        )


def join(arguments):
    """Joins shards and says how to train on them.

    Args:
        arguments: `PackArguments`.

    Raises:
        ValueError: another flag is given, which would be without effect.
    """
    if flags := _flags(arguments, leave=("out", "join")):
        raise ValueError(
            f"--join reads what the shards say and takes no {flags[0]}: give it with "
            "--out alone."
        )
    joined = data.join(arguments.out, tell)
    tell(
        f"{arguments.out} is one corpus: {joined.num_shards} shards, "
        f"{joined.num_bytes / 1e9:.2f} GB."
    )
    about = joined.about
    tell(_how_to_train(joined.loaded_as, arguments.out, about.input_format))


def _how_to_train(name, path, input_format):
    name = name if data.facts(name).packed else "packed"
    words = f"Train on it: python scripts/fit.py --data {name} --root {path}"
    if input_format.of_landmarks:
        return f'{words} --options \'{{"input": "landmarks"}}\''
    height, width = input_format.frame_size
    sides = f"{height}" if height == width else f"{height} {width}"
    return f"{words} --frame-size {sides}"


def _command(arguments):
    """The command that packs shards, without the shard and the folder."""
    flags = _flags(arguments, leave=("out", "shard"))
    return shlex.join(["python", "scripts/pack.py", *flags])


def _flags(arguments, leave):
    """The words on the command line of what is not as by default."""
    words = []
    for one in fields(arguments):
        value = getattr(arguments, one.name)
        default = {} if one.name == "data_options" else one.default
        if one.name in leave or value == default:
            continue
        if isinstance(value, dict):
            value = json.dumps(value)
        values = value if isinstance(value, tuple) else [value]
        words += [f"--{one.name.replace('_', '-')}", *map(str, values)]
    return words


def _pictures(arguments):
    """The options of the corpus that say how large its frames are, and how made."""
    given = {"crop": arguments.crop, "resize": arguments.resize}
    given = {name: value for name, value in given.items() if value is not None}
    if arguments.size is None:
        return {"frame_size": arguments.frame_size or FRAME_SIZE, **given}
    if arguments.frame_size is not None:
        raise ValueError("--size and --frame-size say the same: give one of them.")
    if "crop" not in data.options(arguments.data):
        return {"frame_size": arguments.size, **given}
    crop, kept = given.get("crop", CROP), size_2d("size", arguments.size)
    frame_size = tuple(round(crop * side) for side in kept)
    if InputFormat(*frame_size, crop=crop).read_size != kept:
        raise ValueError(
            f"--size {arguments.size}: crops of {crop} of it are no whole pixels; "
            "give another size, such as a multiple of 8, or another --crop."
        )
    return {"frame_size": frame_size, "resize": "lanczos", **given}
