"""The command line of `convert`."""

import pathlib
from dataclasses import dataclass, field
from typing import Any

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.commands.json_option import json_registry

TOLERANCE = 1e-4
"""Largest difference of logits that counts as the same function."""


@dataclass(frozen=True)
class ConvertArguments:
    """Turns a checkpoint of the source project (PyTorch) into a model of the zoo.

    Writes the folder of a preset (which zoo.get loads; with glosses.txt if --glosses is
    given), and prints which tensor became which variable. Nothing in the
    checkpoint is executed.
    """

    checkpoint: tyro.conf.Positional[pathlib.Path]
    """The trainer's file (ep<epoch>_<wer>.pkl) or a file of a state dict alone."""
    out: pathlib.Path
    """Folder to write, new or empty."""
    name: str | None = None
    """Zoo model, as dtf_keras.zoo.list() names it; by default the tensors tell."""
    glosses: pathlib.Path | None = None
    """The source's glosses in the order of its classes, one a line."""
    drop_special: tyro.conf.FlagCreatePairsOff[bool] = False
    """Leave out the source's classes <PAD>, <UNK>, <BOS> and <EOS>."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the model's own, as JSON: '{"residual": true}'."""
    frame_size: int = 112
    """Height and width of the frames, in pixels."""
    frame_rate: float = 25.0
    """Frames a second of the video that the model was trained on."""
    check: pathlib.Path | None = None
    """An .npz of a torch run: video, logits and, if padded, num_frames."""


@command(ValueError, FileNotFoundError, FileExistsError, ImportError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(ConvertArguments, args=argv, registry=json_registry())
    convert(arguments)
    return 0


def convert(arguments):
    """Reads, converts, checks and writes, in this order.

    Args:
        arguments: `ConvertArguments`.
    """
    from dtf_keras.convert import class_names, convert, load_checkpoint
    from dtf_keras.data import Vocabulary
    from dtf_keras.files import require_new
    from dtf_keras.zoo import save_preset

    require_new(arguments.out)
    glosses = None
    if arguments.glosses:
        if not arguments.glosses.is_file():
            raise FileNotFoundError(f"There is no file {arguments.glosses}.")
        glosses = Vocabulary.from_file(arguments.glosses).glosses
    checkpoint = load_checkpoint(arguments.checkpoint)
    keep_special = not arguments.drop_special
    conversion = convert(
        checkpoint.state_dict,
        arguments.name,
        keep_special,
        arguments.frame_size,
        **arguments.options,
    )
    print(_table(conversion, checkpoint.state_dict))
    if glosses:
        source_classes = len(checkpoint.state_dict["fc.bias"])
        glosses = class_names(glosses, source_classes, keep_special)
    if arguments.check:
        print(_check(conversion, arguments.check))
    model, config = conversion.model, conversion.config
    frame_rate = arguments.frame_rate
    save_preset(model, arguments.out, glosses=glosses, frame_rate=frame_rate)
    print(
        f"{model.name}, width {config.width:g}, {config.num_classes} classes, "
        f"{model.count_params():,} parameters{_progress(checkpoint)} -> {arguments.out}"
    )


def _table(conversion, state_dict):
    """Which tensor became which variable, a line each, and what was left."""
    rows = [("tensor", "shape", "variable", "shape", "change")]
    for one in conversion.assignments:
        shapes = [str(shape) for shape in one.shapes()]
        path = one.variable.path
        rows.append(
            (
                " + ".join(one.sources),
                " + ".join(dict.fromkeys(shapes)),
                path,
                str(tuple(one.variable.shape)),
                one.layout.about,
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    counters = sum(name.endswith(".num_batches_tracked") for name in conversion.dropped)
    seconds = len(conversion.dropped) - counters
    lines.append(
        f"{len(state_dict)} tensors: {len(state_dict) - counters - seconds} mapped, "
        f"{seconds} second names of these and {counters} batch counters left out."
    )
    return "\n".join(line.rstrip() for line in lines)


def _check(conversion, path):
    from dtf_keras.convert.parity import largest_difference, read_run

    difference = largest_difference(conversion, read_run(path))
    if not difference <= TOLERANCE:
        raise ValueError(
            f"The logits differ from those in {path} by up to {difference:.2g}, so "
            "nothing was written. Other --options or another --name may be right, or "
            "the run has padded clips without num_frames."
        )
    return f"largest difference to the logits in {path}: {difference:.2g}"


def _progress(checkpoint):
    if checkpoint.epoch is None:
        return ""
    return f", after epoch {checkpoint.epoch}"
