"""The command line of `preset`."""

import pathlib
from dataclasses import dataclass
from typing import Literal

import tyro

from dtf_keras.commands.ending import command
from dtf_keras.words import tell


@dataclass(frozen=True)
class PresetArguments:
    """Makes a preset of the zoo of a finished training run.

    Writes OUT/NAME (config.json, glosses.txt, model.weights.h5, metadata.json and the
    model card README.md) and OUT/index.json. Nothing is trained; the word error rates
    are those in the run's metrics.json.
    """

    run: tyro.conf.Positional[pathlib.Path]
    """Run folder that fit.py wrote; its best weights are taken."""
    name: str | None = None
    """Of the preset; by default that of the model, for which it is the default then."""
    seeds: tuple[pathlib.Path, ...] = ()
    """Run folders that differ in the seed alone; of them the WER is recorded."""
    out: pathlib.Path = pathlib.Path("zoo")
    """Folder of presets to write to."""
    recipe: str | None = None
    """Name of the training recipe; by default one that the run follows."""
    source: tuple[str, ...] | None = None
    """Recipes of the figures that others report of the model which this one re-builds;
    by default those of the recipes that the run follows."""
    license: str = "Apache-2.0"
    """Licence of the weights."""
    dtype: Literal["auto", "float16", "float32"] = "auto"
    """Of the weights in the file; auto: float16 unless it changes a transcript of the
    splits that were measured."""
    replace: tyro.conf.FlagCreatePairsOff[bool] = False
    """Replace the preset if it is there."""


@command(ValueError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    arguments = tyro.cli(PresetArguments, args=argv)
    from dtf_keras.training.run_preset import preset_from_run

    preset = preset_from_run(
        arguments.run,
        arguments.out,
        arguments.name,
        arguments.seeds,
        arguments.recipe,
        arguments.source,
        arguments.license,
        arguments.dtype,
        replace=arguments.replace,
        say=tell,
    )
    tell(f"{preset.name}: {preset.num_bytes / 1e6:.2f} MB in {preset.path}")
    return 0
