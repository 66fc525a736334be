"""The trainings behind the presets that come with the package, one after another.

Each is a run folder; what is finished is left, what was interrupted goes on.
"""

import dataclasses
import itertools
import pathlib
from dataclasses import dataclass

from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import unknown

LANGUAGES = ("ase", "asq", "bzs", "gsg", "ise", "mfs", "sgg")
LETTERS = ("agreeing", "all")
SIGNER_INDEPENDENT = "fingerspelling_si"


@dataclass(frozen=True)
class ZooPreset:
    """A preset of the zoo and the runs that it needs.

    Attributes:
        name: of the preset.
        recipe: that its runs follow.
        seeds: how many runs differ in the seed alone; the first one's weights go into
            the preset.
        unseen: whether other runs say how it reads people who are not in training: two
            a language that is held out, and one on `fingerspelling_si`.
    """

    name: str
    recipe: str
    seeds: int = 1
    unseen: bool = False


HANDS = tuple(
    ZooPreset(f"{model}_hands", f"{model}/hands", 3, True)
    for model in (
        "full_conv_v10",
        "full_conv_v5",
        "full_conv",
        "full_conv_v9",
        "full_conv_v11",
        "full_conv_v3",
        "vac",
        "vac_smkd",
        "full_conv_v6",
        "full_conv_v7",
        "full_conv_v8",
    )
)
DRAWN = (
    ZooPreset("full_conv_v10", "full_conv_v10", 3),
    ZooPreset("full_conv_v5", "full_conv_v5/scratch", 3),
    ZooPreset("full_conv", "full_conv", 3),
    ZooPreset("full_conv_v7", "full_conv_v7", 3),
    ZooPreset("full_conv_v9", "full_conv_v9"),
    ZooPreset("full_conv_v11", "full_conv_v11"),
    ZooPreset("full_conv_v6", "full_conv_v6"),
    ZooPreset("full_conv_v6_residual", "full_conv_v6/residual"),
    ZooPreset("full_conv_v8", "full_conv_v8"),
    ZooPreset("full_conv_v5_no_residual", "full_conv_v5/scratch_no_residual"),
    ZooPreset("full_conv_v3", "full_conv_v3/finetune"),
)
PRESETS = {preset.name: preset for preset in (*HANDS, *DRAWN)}


def chosen(names=()):
    """The `ZooPreset`s of some names, or all.

    Raises:
        SettingError: there is none of a name.
    """
    for name in names:
        if name not in PRESETS:
            raise SettingError(unknown("preset of the zoo", name, PRESETS))
    return [PRESETS[name] for name in names or PRESETS]


def runs_of(preset):
    """The runs of a preset: dict of the name of each to its `RunConfig`."""
    config = recipes.get(preset.recipe)
    change = dataclasses.replace
    runs = {
        f"{preset.name}-seed{seed}": change(config, seed=seed)
        for seed in range(1, preset.seeds + 1)
    }
    if preset.unseen:
        for letters, language in itertools.product(LETTERS, LANGUAGES):
            options = {"held_out": language, "letters": letters}
            name = f"{preset.name}-{letters}-without-{language}"
            runs[name] = change(config, data_options=options)
        runs[f"{preset.name}-si"] = change(config, data=SIGNER_INDEPENDENT)
    return runs


def train(presets, folder, say=print):
    """Trains what is missing of the runs of some presets, the first seeds first.

    Args:
        presets: list of `ZooPreset`.
        folder: where the run folders are.
        say: function that shows a line of text.

    Raises:
        As `training.fit` and `training.resume`.
    """
    from dtf_keras import training

    folder = pathlib.Path(folder)
    runs = {name: config for one in presets for name, config in runs_of(one).items()}
    missing = [name for name in runs if not RunFolder(folder / name).finished]
    say(f"{len(runs)} runs, {len(missing)} of them to train or to finish")
    for number, name in enumerate(missing, start=1):
        say(f"run {number} of {len(missing)}: {name}")
        if RunFolder(folder / name).config.is_file():
            training.resume(folder / name)
        else:
            training.fit(runs[name], folder / name)


def overview(presets, folder):
    """The runs of some presets and which are finished, as text."""
    lines = []
    for preset in presets:
        lines.append(preset.name)
        for name in runs_of(preset):
            done = RunFolder(pathlib.Path(folder) / name).finished
            lines.append(f"  {name}: {'finished' if done else 'to train'}")
    return "\n".join(lines)


def write_preset(preset, folder, zoo, say=print):
    """Writes a preset of its finished runs, in place of one that is there.

    Args:
        preset: `ZooPreset`.
        folder: where its runs are.
        zoo: folder of presets.
        say: function that shows a line of text.

    Returns:
        `zoo.Preset`.

    Raises:
        As `preset_from_run`.
    """
    from dtf_keras.training.run_preset import preset_from_run

    first, *others = (
        pathlib.Path(folder) / f"{preset.name}-seed{seed}"
        for seed in range(1, preset.seeds + 1)
    )
    return preset_from_run(
        first,
        zoo,
        preset.name,
        others,
        preset.recipe,
        unseen=unseen_errors(preset, folder),
        replace=True,
        say=say,
    )


def unseen_errors(preset, folder):
    """Word errors on people who are not in training.

    Args:
        preset: `ZooPreset`, all of whose runs are finished.
        folder: where they are.

    Returns:
        Dict of `agreeing` and `all` (the 18 letters on which the languages agree, and
        all 26) to a dict of each language to the errors on it of the model that was
        trained without it, and of `fingerspelling_si` to those of its dev and test;
        empty for a preset without such runs.
    """
    if not preset.unseen:
        return {}
    folder = pathlib.Path(folder)
    found = {letters: {} for letters in LETTERS}
    for letters, language in itertools.product(LETTERS, LANGUAGES):
        run = RunFolder(folder / f"{preset.name}-{letters}-without-{language}")
        found[letters][language] = run.read_metrics()["wer"]["test"]
    of_si = RunFolder(folder / f"{preset.name}-si").read_metrics()["wer"]
    return {**found, SIGNER_INDEPENDENT: of_si}
