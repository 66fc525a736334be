"""The command line of `convert`."""

import pathlib
from dataclasses import dataclass, field, replace
from typing import Any

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.commands.option_types import option_registry
from dtf_keras.words import tell

RECORDED = "phoenix2014"
"""A corpus of recorded signing: how the source of a model decodes there."""
TOLERANCE = 1e-4
"""Largest difference of logits that counts as the same function."""


@dataclass(frozen=True)
class ConvertArguments:
    """Turns a checkpoint of a published network (PyTorch) into a model of the zoo.

    Writes the folder of a preset (which zoo.get loads; with glosses.txt if --glosses is
    given), and prints which tensor became which variable and what was left out. Nothing
    in the files is executed.
    """

    checkpoint: tyro.conf.Positional[pathlib.Path]
    """The trainer's file, or a file of a state dict alone."""
    out: pathlib.Path
    """Folder to write, new or empty."""
    name: str | None = None
    """Zoo model, as dtf_keras.zoo.list() names it; by default the tensors tell."""
    glosses: pathlib.Path | None = None
    """The glosses in the order of the file's classes: one a line, or gloss_dict.npy."""
    drop_special: tyro.conf.FlagCreatePairsOff[bool] = False
    """Leave out the classes <PAD>, <UNK>, <BOS> and <EOS> of full_conv's networks."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the model's own, as JSON: '{"residual": true}'."""
    frame_size: int | tuple[int, int] | None = None
    """Pixels of a frame: one number, or height and width; else the model's default."""
    frame_rate: float | None = None
    """Frames a second of the video it was trained on, if not the model's default."""
    check: pathlib.Path | None = None
    """An .npz of a torch run: video, logits and, if padded, num_frames."""


@command(ValueError, OSError, ImportError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(ConvertArguments, args=argv, registry=option_registry())
    convert(arguments)
    return 0


def convert(arguments):
    """Reads, converts, checks and writes, in this order.

    Args:
        arguments: `ConvertArguments`.
    """
    from dtf_keras.convert import convert, load_checkpoint, read_glosses
    from dtf_keras.files import require_new
    from dtf_keras.training import recipes
    from dtf_keras.zoo import save_preset

    require_new(arguments.out)
    glosses = read_glosses(arguments.glosses) if arguments.glosses else None
    checkpoint = load_checkpoint(arguments.checkpoint)
    conversion = convert(
        checkpoint.state_dict,
        arguments.name,
        keep_special=not arguments.drop_special,
        frame_size=arguments.frame_size,
        **arguments.options,
    )
    tell(_table(conversion))
    if glosses:
        glosses = conversion.class_names(glosses)
    if arguments.check:
        tell(_check(conversion, arguments.check))
    model, config = conversion.model, conversion.config
    input_format = model.input_format
    if arguments.frame_rate is not None:
        input_format = replace(input_format, frame_rate=arguments.frame_rate)
    save_preset(
        model,
        arguments.out,
        glosses=glosses,
        input_format=input_format,
        decoder=recipes.base(RECORDED, model.name).decoder,
    )
    tell(
        f"{model.name}, width {config.width:g}, {config.num_classes} classes, "
        f"{model.count_params():,} parameters{_progress(checkpoint)} -> {arguments.out}"
    )


def _table(conversion):
    """Which tensor became which variable, a line each; what was left; the notes."""
    rows = [("tensor", "shape", "variable", "shape", "change")]
    for one in conversion.assignments:
        shapes = [str(conversion.shapes[name]) for name in one.sources]
        rows.append(
            (
                " + ".join(one.sources),
                " + ".join(dict.fromkeys(shapes)),
                one.variable.path,
                str(tuple(one.variable.shape)),
                one.layout.about,
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    mapped, left_out = len(conversion.shapes), conversion.left_out
    total = mapped + len(left_out)
    lines.append(f"{total} tensors: {mapped} mapped, {len(left_out)} left out")
    for reason in dict.fromkeys(left_out.values()):
        names = [name for name, why in left_out.items() if why == reason]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        lines.append(f"  {reason}: {names[0]}{more}")
    lines += conversion.notes
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
