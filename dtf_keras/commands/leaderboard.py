"""The command line of the leaderboard."""

import pathlib
from dataclasses import dataclass

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.words import tell


@dataclass(frozen=True)
class LeaderboardArguments:
    """Writes the tables of README and docs from what was measured.

    That of the zoo's presets comes from their metadata, those on size and speed from
    the table of benchmark.py models. Each goes between its two marks, on every page
    that has them.
    """

    zoo: pathlib.Path = pathlib.Path("zoo")
    """Folder of presets, as preset.py writes it."""
    readme: pathlib.Path = pathlib.Path("README.md")
    """Markdown file with the marks that the table of the presets goes between."""
    models: pathlib.Path = pathlib.Path("results/models.csv")
    """What benchmark.py models wrote; without it its tables stay as they are."""
    docs: pathlib.Path = pathlib.Path("docs")
    """Folder of further Markdown files."""


@command(ValueError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(LeaderboardArguments, args=argv)
    from dtf_keras.benchmarks.models import read_table
    from dtf_keras.benchmarks.models_table import tables
    from dtf_keras.zoo.leaderboard import read_results, results_table
    from dtf_keras.zoo.marked_table import has_marks, write_table

    table = results_table(read_results(arguments.zoo))
    write_table(arguments.readme, "results", table)
    tell(f"{table}\n\n{arguments.zoo} -> {arguments.readme}")
    if arguments.models.is_file():
        of_models = tables(read_table(arguments.models))
        for page in [arguments.readme, *sorted(arguments.docs.glob("*.md"))]:
            for name in [name for name in of_models if has_marks(page, name)]:
                write_table(page, name, of_models[name])
                tell(f"{arguments.models} -> {name} in {page}")
    return 0
