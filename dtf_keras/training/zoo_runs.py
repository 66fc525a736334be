"""The trainings behind the presets that come with the package, one after another.

Each is a run folder; what is finished is left, what was interrupted goes on.
"""

import dataclasses
import pathlib
from dataclasses import dataclass

from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell, unknown

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
        version: of the corpus, where not the newest.
    """

    name: str
    recipe: str
    seeds: int = 1
    unseen: bool = False
    version: int | None = None


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
        "dtf_resnet18",
        "mltsf",
    )
)
DRAWN = tuple(
    # In such a run drawn clips of the first version are learnt, those of the next not.
    ZooPreset(name, recipe, seeds, version=1)
    for name, recipe, seeds in (
        ("full_conv_v10", "full_conv_v10", 3),
        ("full_conv_v5", "full_conv_v5/scratch", 3),
        ("full_conv", "full_conv", 3),
        ("full_conv_v7", "full_conv_v7", 3),
        ("vac", "vac/distillation", 3),
        ("dtf_resnet18", "dtf_resnet18", 3),
        ("mltsf", "mltsf", 3),
        ("full_conv_v9", "full_conv_v9", 1),
        ("full_conv_v11", "full_conv_v11", 1),
        ("full_conv_v6", "full_conv_v6", 1),
        ("full_conv_v6_residual", "full_conv_v6/residual", 1),
        ("full_conv_v8", "full_conv_v8", 1),
        ("full_conv_v5_no_residual", "full_conv_v5/scratch_no_residual", 1),
        ("full_conv_v3", "full_conv_v3/finetune", 1),
    )
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


def stages_of(preset):
    """The runs of a preset, in the order in which they say most about it.

    Returns:
        List of dicts of the name of each run to its `RunConfig`: those that differ in
        the seed; that on `fingerspelling_si`; those without a language on the letters
        that agree; and on all.
    """
    change = dataclasses.replace
    config = recipes.get(preset.recipe)
    if preset.version:
        config = change(config, data_options={"version": preset.version})
    stages = [
        {
            f"{preset.name}-seed{seed}": change(config, seed=seed)
            for seed in range(1, preset.seeds + 1)
        }
    ]
    if preset.unseen:
        stages.append(
            {_si_run(preset): change(config, data=SIGNER_INDEPENDENT)},
        )
        for letters in LETTERS:
            without = {}
            for language in LANGUAGES:
                options = {"held_out": language, "letters": letters}
                name = _run_without(preset, letters, language)
                without[name] = change(config, data_options=options)
            stages.append(without)
    return stages


def runs_of(preset):
    """All runs of a preset: dict of the name of each to its `RunConfig`."""
    return {name: one for stage in stages_of(preset) for name, one in stage.items()}


def _si_run(preset):
    return f"{preset.name}-si"


def _run_without(preset, letters, language):
    return f"{preset.name}-{letters}-without-{language}"


def train(presets, folder, say=tell, written=lambda preset: None):
    """Trains what is missing of the runs of some presets.

    Args:
        presets: list of `ZooPreset`.
        folder: where the run folders are.
        say: function that shows a line of text.
        written: function of a preset, called whenever a stage of its runs is finished,
            and of one that was finished before.

    Raises:
        As `training.fit` and `training.resume`.
    """
    from dtf_keras import training

    folder = pathlib.Path(folder)
    runs = {name: config for one in presets for name, config in runs_of(one).items()}
    missing = [name for name in runs if not RunFolder(folder / name).finished]
    say(f"{len(runs)} runs, {len(missing)} of them to train or to finish")
    numbers = {name: number for number, name in enumerate(missing, start=1)}
    for preset in presets:
        stages = stages_of(preset)
        for place, stage in enumerate(stages, start=1):
            new = [name for name in stage if name in numbers]
            for name in new:
                say(f"run {numbers[name]} of {len(missing)}: {name}")
                if RunFolder(folder / name).config.is_file():
                    training.resume(folder / name)
                else:
                    training.fit(runs[name], folder / name)
            if new or place == len(stages):
                written(preset)


def overview(presets, folder):
    """The runs of some presets and which are finished, as text."""
    lines = []
    for preset in presets:
        lines.append(preset.name)
        for name in runs_of(preset):
            done = RunFolder(pathlib.Path(folder) / name).finished
            lines.append(f"  {name}: {'finished' if done else 'to train'}")
    return "\n".join(lines)


def write_preset(preset, folder, zoo, say=tell):
    """Writes a preset of its finished runs, in place of one that is there.

    Those of its seeds must be finished; of people who are not in training it has what
    is finished as well.

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
        preset: `ZooPreset`.
        folder: where its runs are.

    Returns:
        Dict of `agreeing` and `all` (the 18 letters on which the languages agree, and
        all 26) to a dict of each language to the errors on it of the model that was
        trained without it, and of `fingerspelling_si` to those of its dev and test. It
        has only those of which all runs are finished.
    """
    if not preset.unseen:
        return {}

    def errors(name):
        run = RunFolder(pathlib.Path(folder) / name)
        return run.read_metrics()["wer"] if run.finished else None

    of_si = errors(_si_run(preset))
    found = {SIGNER_INDEPENDENT: of_si} if of_si else {}
    for letters in LETTERS:
        runs = {one: errors(_run_without(preset, letters, one)) for one in LANGUAGES}
        if all(runs.values()):
            found[letters] = {one: wer["test"] for one, wer in runs.items()}
    return found
