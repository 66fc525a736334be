"""The command line of `pull`."""

import pathlib
from dataclasses import dataclass

import tyro

from dtf_keras.commands.ending import command, fail
from dtf_keras.words import tell


@dataclass(frozen=True)
class PullArguments:
    """Brings pretrained weights onto this machine, or verifies those of a zoo.

    A preset is looked for in the cache (in DTF_KERAS_CACHE, by default
    ~/.cache/dtf_keras), in the mirror (DTF_KERAS_MIRROR: a URL or folder) and in the
    package itself. What is downloaded goes into the cache, from where zoo.get takes it
    offline.
    """

    presets: tyro.conf.Positional[tuple[str, ...]] = ()
    """Names of presets, folders, https://... of a folder, or hf://ORG/REPO."""
    all: tyro.conf.FlagCreatePairsOff[bool] = False
    """All presets of the mirror and of the package."""
    to: pathlib.Path | None = None
    """Copy them into this folder, which becomes a zoo with an index.json."""
    verify: tyro.conf.FlagCreatePairsOff[bool] = False
    """Check the hashes and the index of a zoo, and that each preset, or each of those
    that are named, loads and runs."""
    renew: tyro.conf.FlagCreatePairsOff[bool] = False
    """Write the presets of --zoo anew in today's format, with cards and index;
    weights and glosses stay byte for byte."""
    zoo: pathlib.Path | None = None
    """The zoo to verify, by default the package's own, or to renew."""


@command(ValueError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(PullArguments, args=argv)
    if arguments.verify:
        return _verify(arguments.zoo, arguments.presets)
    if arguments.renew:
        return _renew(arguments.zoo)
    return _pull(arguments)


def _verify(folder, names):
    from dtf_keras import zoo

    problems = zoo.verify(folder, tell, names)
    for problem in problems:
        fail(problem)
    return 1 if problems else 0


def _renew(folder):
    from dtf_keras import zoo

    if folder is None:
        return fail("give the folder of presets to renew with --zoo.")
    zoo.renew(folder, tell)
    return 0


def _pull(arguments):
    from dtf_keras import zoo

    if bool(arguments.presets) == arguments.all:
        return fail("give the presets to pull, or --all, or --verify.")
    for preset in zoo.presets() if arguments.all else arguments.presets:
        path = zoo.pull(preset, arguments.to, tell)
        size = zoo.read_preset(path).num_bytes / 1e6
        tell(f"{preset}: {size:.2f} MB, verified, in {path}")
    return 0
