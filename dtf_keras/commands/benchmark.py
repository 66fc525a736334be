"""The command line of the benchmarks: a sub-command each."""

import importlib
import sys

import tyro

from dtf_keras.benchmarks import BENCHMARKS, CannotMeasure
from dtf_keras.commands.ending import command
from dtf_keras.words import tell


@command(CannotMeasure)
def main(argv=None):
    """Runs `benchmark NAME ...`; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or argv[0] in ("-h", "--help"):
        tell(_usage())
        return 0 if argv else 2
    if argv[0] not in BENCHMARKS:
        tell(f"error: there is no benchmark {argv[0]!r}.\n{_usage()}", sys.stderr)
        return 2
    module = importlib.import_module(f"dtf_keras.benchmarks.{argv[0]}")
    module.run(tyro.cli(module.Arguments, prog=f"benchmark {argv[0]}", args=argv[1:]))
    return 0


def _usage():
    width = max(map(len, BENCHMARKS))
    lines = [f"  {name:<{width}}  {about}" for name, about in BENCHMARKS.items()]
    return "\n".join(
        ["usage: benchmark NAME [...]", "", *lines, "", "NAME --help says more."]
    )
