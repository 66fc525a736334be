"""The command line of `fit`."""

import dataclasses
import pathlib
import sys
from dataclasses import dataclass, field
from typing import Annotated, Literal

import tyro

from dtf_keras.commands.early_flags import decoder_before, early_flags
from dtf_keras.commands.ending import command, fail
from dtf_keras.commands.option_types import option_registry
from dtf_keras.data import ClipError
from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import RunConfig, SettingError, smoke_of
from dtf_keras.training.settings.config_file import read_config
from dtf_keras.words import tell


@dataclass(frozen=True)
class FitArguments:
    """Trains a model of the zoo on a corpus and writes a run folder.

    The run folder gets the best and last weights, the config, the history, the
    results (metrics.json) and pictures. Without arguments: the default model on
    the embedded corpus, within ten minutes on two CPU cores. With --data phoenix2014,
    or another recorded corpus, the defaults are those of the model's source on PHOENIX,
    for a GPU. --recipe full_conv_v5/len_video takes the settings of an experiment of a
    source for the corpus of --data; --recipe list shows all. Other flags override it.
    KERAS_BACKEND (tensorflow, jax or torch) chooses the backend.
    """

    recipe: str | None = None
    """Recipe to train, such as full_conv_v5/len_video; list shows them all."""
    run: Annotated[RunConfig, tyro.conf.arg(name="")] = field(default_factory=RunConfig)
    out: pathlib.Path | None = None
    """Run folder to write, new or empty; by default runs/<recipe or model>-<time>."""
    config: pathlib.Path | None = None
    """Repeat the run of this config.json; flags given beside it override it."""
    resume: pathlib.Path | None = None
    """Continue the interrupted run in this folder, where it stopped."""
    tensorboard: tyro.conf.FlagCreatePairsOff[bool] = False
    """Write for TensorBoard too, into the run folder: tensorboard --logdir runs."""
    devices: int | Literal["all"] | None = None
    """Devices of this machine that share each batch (JAX, TensorFlow); by default one,
    or all where several processes take part."""
    smoke: tyro.conf.FlagCreatePairsOff[bool] = False
    """A tiny run of about a minute that only shows that everything works."""


def parse(argv):
    """The `FitArguments` of a command line.

    Raises:
        SettingError, FileNotFoundError: a file or a setting that cannot be.
        SystemExit: a flag that does not exist, or `--help`.
    """
    named = _named(argv)
    base = dataclasses.replace(named, decoder=decoder_before(argv, named.decoder))
    arguments = tyro.cli(
        FitArguments,
        args=argv,
        default=FitArguments(run=base),
        registry=option_registry(),
    )
    if arguments.resume:
        changed = named.differences(arguments.run)
        if changed or arguments.out:
            flag = [*changed, "out"][0].replace("_", "-")
            raise SettingError(
                f"--resume continues a run as it is, without --{flag}: "
                "for a new run with other settings use "
                f"--config {RunFolder(arguments.resume).config}."
            )
    return arguments


def _named(argv):
    """The settings that the command line names, whose flags then override them."""
    given, smoke = _early(argv), "--smoke" in argv
    if sum(map(bool, (given.recipe, given.config, given.resume, smoke))) > 1:
        raise SettingError(
            "--recipe, --config, --resume and --smoke exclude each other."
        )
    if given.recipe:
        return recipes.get(given.recipe, given.data)
    if given.config:
        return read_config(given.config).config
    if given.resume:
        return RunFolder(given.resume).read_config().config
    base = recipes.base(given.data, given.model)
    return smoke_of(base) if smoke else base


def _early(argv):
    return early_flags(
        argv,
        recipe=None,
        config=None,
        resume=None,
        data=RunConfig.data,
        model=RunConfig.model,
    )


@command(SettingError, ClipError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if _early(argv).recipe == "list":
        tell(recipes.overview())
        return 0
    arguments = parse(argv)
    from dtf_keras import training  # imports Keras, which --help need not

    try:
        if arguments.resume:
            training.resume(arguments.resume, arguments.tensorboard, arguments.devices)
        else:
            training.fit(
                arguments.run,
                arguments.out,
                arguments.recipe,
                arguments.tensorboard,
                arguments.devices,
            )
    except (training.TrainingDivergedError, training.OutOfMemoryError) as error:
        return fail(error)
    return 0
