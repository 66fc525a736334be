"""The console command `dtf-keras`: one sub-command a script, one module each."""

import importlib
import sys

from dtf_keras.commands.ending import command
from dtf_keras.words import tell

COMMANDS = {
    "benchmark": "time what a part of the package takes, and its memory",
    "convert": "turn a checkpoint of a published network into a model of the zoo",
    "demo": "serve a web page that reads letters off the camera",
    "evaluate": "score a trained model, or a CTM file, as the official evaluation does",
    "fit": "train a model and write a run folder",
    "landmarker": "build the model that finds hands in pictures anew",
    "leaderboard": "write the tables of README and docs from what was measured",
    "live": "recognize what is signed before a camera, while it is signed",
    "pack": "pack a corpus into one file that training reads fast",
    "predict": "recognize the glosses of clips with a trained model",
    "preset": "make a preset of the zoo of a finished training run",
    "pull": "bring pretrained weights onto this machine, and verify them",
    "push": "upload a preset to the Hugging Face hub",
    "train_zoo": "train the presets of the zoo again, and go on where it stopped",
    "tune": "search for good settings of a run",
}


@command()
def main(argv=None):
    """Runs `dtf-keras COMMAND ...`; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or argv[0] in ("-h", "--help"):
        tell(_usage())
        return 0 if argv else 2
    if argv[0] not in COMMANDS:
        tell(f"error: there is no command {argv[0]!r}.\n{_usage()}", sys.stderr)
        return 2
    sys.argv[0] = f"dtf-keras {argv[0]}"
    return importlib.import_module(f"{__name__}.{argv[0]}").main(argv[1:])


def _usage():
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {about}" for name, about in COMMANDS.items()]
    return "\n".join(
        ["usage: dtf-keras COMMAND [...]", "", *lines, ""]
        + ["dtf-keras COMMAND --help says more."]
    )
