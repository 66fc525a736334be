"""A finished run becomes a preset of the zoo."""

import pathlib

from dtf_keras import decoding, zoo
from dtf_keras.recognition import ClipFormat
from dtf_keras.training import recipes
from dtf_keras.training.recipes.full_conv import RECIPE_PREFIX
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.run.parts import load_split, make_decoder, make_model
from dtf_keras.training.scoring.transcripts import transcribe
from dtf_keras.training.settings.config import SettingError
from dtf_keras.zoo.weights_file import load_weights

# Settings that name files of the machine, which do not belong in a preset.
_PLACES = ("root", "init_from")
_INITIAL = "initial_weights"  # of a run's `made_with`


def preset_from_run(
    run,
    out,
    name=None,
    seeds=(),
    recipe=None,
    source_recipes=None,
    license="Apache-2.0",
    dtype="auto",
    replace=False,
    say=print,
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
    dev = load_split(config, "dev")
    model = make_model(config, dev.vocabulary.num_classes)
    load_weights(model, runs[0].best_weights)
    model.clip_format = ClipFormat(
        dev.vocabulary.glosses,
        config.frame_size,
        dev.input_format.frame_rate,
        dev.input_format.crop,
    )
    followed = [recipe] if recipe else recipes.names_of(config)
    if source_recipes is None:
        source_recipes = _source_rows(followed)
    details = zoo.PresetDetails(
        recipe=followed[0] if followed else None,
        corpus=config.data,
        corpus_version=metrics["made_with"]["corpus_version"],
        corpus_license=dev.facts.licence(),
        seed=config.seed,
        settings={k: v for k, v in metrics["config"].items() if k not in _PLACES},
        initial_weights=_initial_weights(config, metrics["made_with"]),
        wer=metrics["wer"],
        seeds=tuple(_seed_result(one.read_metrics()) for one in runs),
        decoder=_decoder_name(config),
        scoring="glosses as they are, all clips of a split counted together",
        license=license,
        limits=dev.facts.limits,
        source_recipes=source_recipes,
        made_with={k: v for k, v in metrics["made_with"].items() if k != _INITIAL},
    )
    if dtype == "auto":
        measured = [load_split(config, split) for split in metrics["wer"]]
        decoder = make_decoder(config, dev.vocabulary)
        dtype = choose_dtype(model, measured, config.batch_size, decoder, say)
    path = pathlib.Path(out) / (name or config.model)
    preset = zoo.save_preset(model, path, details=details, dtype=dtype, replace=replace)
    zoo.write_index(out)
    return preset


def choose_dtype(model, splits, batch_size, decoder=decoding.greedy, say=print):
    """ "float16" if weights of half the size recognise the same, else "float32".

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
    of_recipe = config.init_from.startswith(RECIPE_PREFIX)
    name = config.init_from if of_recipe else pathlib.Path(config.init_from).name
    if "preset" in made_with[_INITIAL]:
        name += f" (preset {made_with[_INITIAL]['preset']})"
    return {"from": name, **start}


def _decoder_name(config):
    if config.decoder == "greedy":
        name = "best path (greedy)"
    else:
        name = f"prefix beam search of width {config.beam_width}"
    return name + (", repeats merged" if config.merge_repeats == "true" else "")


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
    configs = [run.read_config()[0] for run in runs]
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
