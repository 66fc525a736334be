"""A finished run becomes a preset of the zoo."""

import pathlib

from dtf_keras import decoding, zoo
from dtf_keras.evaluation import find_rules
from dtf_keras.training import recipes
from dtf_keras.training.recipes.recipe import RECIPE_PREFIX
from dtf_keras.training.run.corpora import for_model, load_split
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.run.model import trained_model
from dtf_keras.training.run.smaller_batches import LARGER
from dtf_keras.training.scoring.decoders import make_decoder
from dtf_keras.training.scoring.transcripts import transcribe
from dtf_keras.training.settings.config import SettingError
from dtf_keras.training.settings.upgrade import FORMAT
from dtf_keras.words import tell

_INITIAL = "initial_weights"  # of a run's `made_with`
_OF_A_RUN = (_INITIAL, LARGER)


def preset_from_run(
    run,
    out,
    name=None,
    seeds=(),
    recipe=None,
    source_recipes=None,
    license="Apache-2.0",
    dtype="auto",
    unseen=None,
    replace=False,
    say=tell,
):
    """Writes the best weights of a finished run as a preset.

    Args:
        run: path of the run folder.
        out: the zoo, a folder of presets; its `index.json` is made anew.
        name: of the preset; by default that of the model.
        seeds: paths of runs that differ in the seed alone; of them only the WER goes
            into the preset.
        recipe: name of the training recipe; by default the first that the run follows,
            if it follows any.
        source_recipes: as `zoo.PresetDetails`; by default those of the recipes that the
            run follows, none if it follows none.
        license: of the weights.
        dtype: "float16" or "float32" in the file; "auto": float16 if with it not one
            transcript of the splits that were measured is another than with float32,
            so that the word error rates are those of the file.
        unseen: as `zoo.PresetDetails`.
        replace: whether a preset that is there may be replaced.
        say: function that shows a line of text.

    Returns:
        `zoo.Preset`.

    Raises:
        FileNotFoundError: a run that is not there or not finished.
        FileExistsError: the preset is there already.
        SettingError: runs that differ in more than the seed, or a corpus that cannot
            be loaded.
        PresetError: weights that do not fit, or a preset that cannot be.
    """
    runs = [_finished(path) for path in (run, *seeds)]
    config = _require_same(runs)
    metrics = runs[0].read_metrics()
    model = trained_model(runs[0])
    splits = {
        split: for_model(config, load_split(config, split), model, say)
        for split in metrics["wer"]
    }
    facts = splits["dev"].facts
    followed = [recipe] if recipe else recipes.names_of(config)
    if source_recipes is None:
        source_recipes = _source_rows(followed)
    details = zoo.PresetDetails(
        recipe=followed[0] if followed else None,
        corpus=config.data,
        corpus_version=metrics["made_with"]["corpus_version"],
        corpus_license=facts.licence(),
        seed=config.seed,
        settings=_settings(config),
        settings_format=FORMAT,
        initial_weights=_initial_weights(config, metrics["made_with"]),
        wer=metrics["wer"],
        seeds=tuple(_seed_result(one.read_metrics()) for one in runs),
        decoder=str(config.decoder),
        scoring=find_rules(facts.rules).errors.scoring,
        license=license,
        unseen=unseen or {},
        limits=facts.limits,
        source_recipes=source_recipes,
        made_with={k: v for k, v in metrics["made_with"].items() if k not in _OF_A_RUN},
    )
    if dtype == "auto":
        decoder = make_decoder(config.decoder, splits["dev"].vocabulary)
        measured = [*splits.values()]
        dtype = choose_dtype(model, measured, config.batch_size, decoder, say)
    path = pathlib.Path(out) / (name or config.model)
    preset = zoo.save_preset(model, path, details=details, dtype=dtype, replace=replace)
    zoo.write_index(out)
    return preset


def choose_dtype(model, splits, batch_size, decoder=decoding.greedy, say=tell):
    """ "float16" if weights of half the size recognize the same, else "float32".

    Args:
        model: trained model; its weights are as before afterwards.
        splits: corpus splits whose transcripts must not change.
        batch_size: clips in a batch.
        decoder: as `transcribe` takes it.
        say: function that shows a line of text.
    """
    whole = model.get_weights()
    before = [transcribe(model, split, batch_size, decoder) for split in splits]
    try:
        model.set_weights([values.astype("float16") for values in whole])
        after = [transcribe(model, split, batch_size, decoder) for split in splits]
    finally:
        model.set_weights(whole)
    changed = sum(
        a != b
        for s, t in zip(before, after, strict=True)
        for a, b in zip(s, t, strict=True)
    )
    dtype = "float32" if changed else "float16"
    total = sum(map(len, splits))
    say(f"float16 changes {changed} of {total} transcripts: stored as {dtype}")
    return dtype


def _initial_weights(config, made_with):
    """What the run started from, without the folders of this machine, or `None`."""
    if _INITIAL not in made_with:
        return None
    start = {key: made_with[_INITIAL][key] for key in ("sha256", "loaded", "fresh")}
    said = config.init_from or config.backbone_weights
    name = said if said.startswith(RECIPE_PREFIX) else pathlib.Path(said).name
    if "preset" in made_with[_INITIAL]:
        name += f" (preset {made_with[_INITIAL]['preset']})"
    return {"from": name, **start}


def _settings(config):
    """The settings without files of this machine, which do not belong in a preset."""
    settings = config.to_dict()
    for place in ("root", "init_from", "backbone_weights"):
        del settings[place]
    del settings["decoder"]["language_model"]
    return settings


def _source_rows(names):
    return tuple(row for name in names for row in recipes.entry(name).source_rows)


def _finished(path):
    run = RunFolder(path)
    run.read_config()  # tells a folder that is no run
    if not (run.finished and run.best_weights.is_file()):
        raise FileNotFoundError(
            f"{path} is not finished: continue it with fit.py --resume {path}."
        )
    return run


def _require_same(runs):
    configs = [run.read_config().config for run in runs]
    used = set()
    for run, config in zip(runs, configs, strict=True):
        others = set(configs[0].differences(config)) - {"seed"}
        if others:
            raise SettingError(
                f"{run.path} has another {sorted(others)[0]} than {runs[0].path}: runs "
                "of one preset differ in the seed alone."
            )
        if config.seed in used:
            raise SettingError(f"{run.path} has the seed {config.seed} of another run.")
        used.add(config.seed)
    return configs[0]


def _seed_result(metrics):
    wer = {split: metrics["wer"][split]["wer"] for split in ("dev", "test")}
    return {"seed": metrics["seed"], **wer}
