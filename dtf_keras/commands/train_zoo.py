"""The command line of `train_zoo`."""

import pathlib
from dataclasses import dataclass

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.data import ClipError
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell


@dataclass(frozen=True)
class TrainZooArguments:
    """Trains the presets of the zoo again, and writes them.

    Stop it whenever you like: the same command goes on where it stopped. A preset is
    written when its runs that differ in the seed are finished, and again when those on
    people who are not in training are: fingerspelling_si, and for each language one
    that did without it, on the letters that agree and on all.
    """

    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """Presets to train, in this order; by default all."""
    runs: pathlib.Path = pathlib.Path("runs/zoo")
    """Folder of the run folders."""
    out: pathlib.Path = pathlib.Path("zoo")
    """Folder of presets to write to; one that is there is replaced."""
    list: tyro.conf.FlagCreatePairsOff[bool] = False
    """Only say which runs there are, and which are finished."""


@command(SettingError, ClipError, ValueError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(TrainZooArguments, args=argv)
    from dtf_keras.training import zoo_runs

    presets = zoo_runs.chosen(arguments.names)
    if arguments.list:
        tell(zoo_runs.overview(presets, arguments.runs))
        return 0

    def write(preset):
        made = zoo_runs.write_preset(preset, arguments.runs, arguments.out, tell)
        tell(f"{made.name}: {made.num_bytes / 1e6:.2f} MB in {made.path}")

    zoo_runs.train(presets, arguments.runs, tell, write)
    return 0
