"""The command line of the leaderboard."""

import dataclasses
import json
import os
import pathlib
import sys
from dataclasses import dataclass

import tyro

from dtf_keras.training.config import RunConfig, SettingError
from dtf_keras.training.leaderboard import (
    results_table,
    run_all,
    write_results,
    write_table,
)


@dataclass(frozen=True)
class LeaderboardArguments:
    """Measures every zoo model by the default run and writes the table of results.

    Without --run only the table is written anew, from the data file.
    """

    run: tyro.conf.FlagCreatePairsOff[bool] = False
    """Train the models first: finished ones are skipped, interrupted ones go on."""
    models: tuple[str, ...] = ()
    """Models to train; all of the zoo by default."""
    out: pathlib.Path = pathlib.Path("runs/leaderboard")
    """Parent of the run folders."""
    results: pathlib.Path = pathlib.Path("zoo/results/default_run.json")
    """Data file of the results, written by --run."""
    readme: pathlib.Path = pathlib.Path("README.md")
    """Markdown file with the marks that the table goes between."""


def main(argv=None):
    """Runs the command; returns the exit status."""
    try:
        leaderboard(tyro.cli(LeaderboardArguments, args=argv))
    except (SettingError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def leaderboard(arguments):
    """Trains the models if asked to, and writes the data file and the table.

    Args:
        arguments: `LeaderboardArguments`.
    """
    if arguments.run:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        from dtf_keras import zoo

        names = arguments.models or zoo.list()
        configs = [dataclasses.replace(RunConfig(), model=name) for name in names]
        metrics = run_all(configs, arguments.out)
        write_results(arguments.results, metrics)
    elif not arguments.results.is_file():
        raise FileNotFoundError(
            f"There are no results in {arguments.results}: make them with --run."
        )
    metrics = json.loads(arguments.results.read_text(encoding="utf-8"))
    table = results_table(metrics)
    write_table(arguments.readme, table)
    print(f"{table}\n\n{arguments.results} -> {arguments.readme}")
