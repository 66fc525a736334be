"""The command line of `push`."""

from dataclasses import dataclass

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.words import tell


@dataclass(frozen=True)
class PushArguments:
    """Uploads a preset to the Hugging Face hub, for others to load by hf://ORG/REPO.

    Needs the extra `hub` and the credentials that `hf auth login` keeps.
    """

    preset: tyro.conf.Positional[str]
    """Folder of the preset (with a / in it), or its name."""
    repository: tyro.conf.Positional[str]
    """ORG/REPO; made if it does not exist."""
    private: tyro.conf.FlagCreatePairsOff[bool] = False
    """Make a new repository private."""


@command(ValueError, OSError)
def main(argv=None, api=None):
    """Runs the command; returns the exit status.

    Args:
        argv: list of words, by default those of the command line.
        api: as `zoo.push`.
    """
    arguments = tyro.cli(PushArguments, args=argv)
    from dtf_keras import zoo

    address = zoo.push(arguments.preset, arguments.repository, arguments.private, api)
    tell(f'weights="{address}"')
    return 0
