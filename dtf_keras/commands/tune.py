"""The command line of tuning."""

import dataclasses
import json
import pathlib
import sys
from dataclasses import dataclass, field
from typing import Annotated

import tyro

from dtf_keras.commands.early_flags import decoder_before, early_flags
from dtf_keras.commands.ending import command
from dtf_keras.commands.option_types import option_registry
from dtf_keras.training import recipes
from dtf_keras.training.settings.config import RunConfig, SettingError
from dtf_keras.tuning.settings import SearchSettings
from dtf_keras.words import tell


@dataclass(frozen=True)
class TuneArguments:
    """Searches for the settings of a run with the lowest WER on dev.

    The model's own options, the learning rate, weight decay and width are searched; all
    other settings are those given here, which begin as those of fit.py do; --epochs are
    those of the longest trials. The same command continues a search that was
    interrupted. Several processes share a search through keras-tuner's variables
    KERASTUNER_TUNER_ID (chief, tuner0, tuner1, ...), KERASTUNER_ORACLE_IP and
    KERASTUNER_ORACLE_PORT.
    """

    run: Annotated[RunConfig, tyro.conf.arg(name="")] = field(default_factory=RunConfig)
    search: tyro.conf.OmitArgPrefixes[SearchSettings] = field(
        default_factory=SearchSettings
    )
    out: pathlib.Path | None = None
    """Folder of the search; runs/tuning-<model>-<algorithm> by default."""


@command(
    SettingError,
    OSError,
    RuntimeError,
    interrupted="Interrupted. The same command goes on from here.",
)
def main(argv=None):
    """Runs the command; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    arguments = tyro.cli(
        TuneArguments,
        args=argv,
        default=TuneArguments(run=_begin(argv)),
        registry=option_registry(),
    )
    from dtf_keras import tuning

    name = f"tuning-{arguments.run.model}-{arguments.search.algorithm}"
    out = arguments.out or pathlib.Path("runs", name)
    config, wer = tuning.search(arguments.run, arguments.search, out, tell)
    tell(json.dumps(config.to_dict(), indent=2))
    tell(f"dev {wer:.1f} % errors. Train with: fit.py --config {out / 'best.json'}")
    return 0


def _begin(argv):
    """The settings that hold where the command line says nothing."""
    given = early_flags(argv, data=RunConfig.data, model=RunConfig.model)
    config = recipes.base(given.data, given.model)
    return dataclasses.replace(config, decoder=decoder_before(argv, config.decoder))
