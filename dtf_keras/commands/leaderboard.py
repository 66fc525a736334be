"""The command line of the leaderboard."""

import pathlib
from dataclasses import dataclass

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.words import tell


@dataclass(frozen=True)
class LeaderboardArguments:
    """Writes the table of the zoo's presets, from their metadata, into the README."""

    zoo: pathlib.Path = pathlib.Path("zoo")
    """Folder of presets, as preset.py writes it."""
    readme: pathlib.Path = pathlib.Path("README.md")
    """Markdown file with the marks that the table goes between."""


@command(ValueError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(LeaderboardArguments, args=argv)
    from dtf_keras.zoo.leaderboard import read_results, results_table, write_table

    table = results_table(read_results(arguments.zoo))
    write_table(arguments.readme, table)
    tell(f"{table}\n\n{arguments.zoo} -> {arguments.readme}")
    return 0
