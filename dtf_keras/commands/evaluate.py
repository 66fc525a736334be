"""The command line of evaluation."""

import dataclasses
import pathlib
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

import tyro

from dtf_keras import data as corpora
from dtf_keras import evaluation
from dtf_keras.commands.early_flags import decoder_before, early_flags
from dtf_keras.commands.ending import command
from dtf_keras.commands.option_types import option_registry
from dtf_keras.decoding import DecoderOptions
from dtf_keras.evaluation import ScoringError
from dtf_keras.training import recipes
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import RunConfig, SettingError
from dtf_keras.training.settings.config_file import SavedConfig
from dtf_keras.words import tell


@dataclass(frozen=True)
class EvaluateArguments:
    """Scores a trained model, or a file of hypotheses, as NIST sclite does.

    With --hyp and --ref a CTM file is scored against an STM file. With --run, with
    --model and --weights, or with a preset as --weights, a trained model recognizes a
    split of a corpus first: hyp.ctm, ref.stm, scores.json and a report of every clip
    (report.html, report.txt) are written. What is not given is as in the run or the
    preset, or as fit.py begins with on that corpus. KERAS_BACKEND (tensorflow, jax or
    torch) chooses the backend.
    """

    hyp: pathlib.Path | None = None
    """CTM file of what was recognized, plain or .gz."""
    ref: pathlib.Path | None = None
    """STM file of what was signed, plain or .gz."""
    run: pathlib.Path | None = None
    """Run folder that fit.py wrote: its best weights, with all its settings."""
    model: str | None = None
    """Zoo model, as `dtf_keras.zoo.list()` names it."""
    weights: pathlib.Path | None = None
    """Weights file of the model, or the folder of a preset, which knows the rest."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the model's own, as JSON, as they were given to fit.py."""
    width: float | None = None
    """Width of the model, as it was given to fit.py."""
    frame_size: int | tuple[int, int] | None = None
    """Height and width of the frames, as it was given to fit.py."""
    crop: float | None = None
    """Sides of the frames as shares of the recorded picture's, as given to fit.py."""
    resize: Literal["bilinear", "lanczos"] | None = None
    """How recorded pictures are resized, as it was given to fit.py."""
    data: str | None = None
    """Corpus, as `dtf_keras.data.list()` names it; that of the run by default."""
    root: str | None = None
    """Where the corpus is: a folder, or a file that pack.py wrote."""
    data_options: dict[str, Any] = field(default_factory=dict)
    """Other options of the corpus, as JSON: '{"vocabulary": "glosses.txt"}'."""
    on_bad_clip: Literal["stop", "skip"] | None = None
    """What to do with clips whose files are missing or damaged."""
    split: Literal["dev", "test", "train"] = "dev"
    """Split of the corpus."""
    num_clips: int | None = None
    """Clips to use, the split's first ones; as many as the run by default."""
    batch_size: int | None = None
    """Clips in a batch."""
    decoder: DecoderOptions = field(default_factory=DecoderOptions)
    """How glosses are read off the model; as in training by default."""
    rules: Literal["phoenix2014", "phoenix2014t", "plain", "characters"] | None = None
    """Clean-up before glosses are compared; by default that which fits the corpus,
    and phoenix2014 for files."""
    out: pathlib.Path | None = None
    """Folder to write; by default evaluation-SPLIT beside the weights, of a preset
    evaluation-NAME-SPLIT here. Of files the report is written only if a folder is
    given."""


# Which arguments go with which of the three things to score.
_OF_A_MODEL = ("weights", "options", "width", "frame_size", "crop", "resize")
_OF_A_CORPUS = ("data", "root", "data_options", "on_bad_clip", "num_clips")
_OF_RECOGNITION = (*_OF_A_CORPUS, "split", "batch_size", "decoder")


@command(ScoringError, SettingError, OSError)
def main(argv=None):
    """Runs the command; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    saved = _saved(argv)
    decoder = decoder_before(argv, saved.config.decoder)
    arguments = tyro.cli(
        EvaluateArguments,
        args=argv,
        default=EvaluateArguments(decoder=decoder),
        registry=option_registry(),
    )
    if arguments.hyp or arguments.ref:
        score_files(arguments)
    else:
        score_model(arguments, saved)
    return 0


def score_files(arguments):
    """Scores a CTM file; imports no deep-learning framework.

    Args:
        arguments: `EvaluateArguments`.
    """
    if not (arguments.hyp and arguments.ref):
        raise SettingError("--hyp and --ref go together: give both files.")
    _refuse(arguments, "--hyp", ("run", "model", *_OF_A_MODEL, *_OF_RECOGNITION))
    rules = arguments.rules or "phoenix2014"
    score = evaluation.score_files(arguments.hyp, arguments.ref, rules, tell)
    tell(evaluation.describe(score))
    if arguments.out:
        about = {"hyp": arguments.hyp.name, "ref": arguments.ref.name}
        title = f"{arguments.hyp.name} against {arguments.ref.name}"
        evaluation.write_report(arguments.out, score, title, about)
        tell(f"The report of every clip is in {arguments.out}.")


def score_model(arguments, saved):
    """Recognizes a split of a corpus with a trained model and scores that.

    Args:
        arguments: `EvaluateArguments`.
        saved: `SavedConfig` of whatever they do not say.
    """
    weights = _weights_of(arguments)
    names = ("model", *_OF_A_MODEL, *_OF_A_CORPUS, "batch_size", "decoder")
    given = {name: getattr(arguments, name) for name in names if name != "weights"}
    given["num_eval_clips"] = arguments.num_clips
    given = {name: value for name, value in given.items() if value not in (None, {})}
    config = dataclasses.replace(saved.config, **given)
    out = arguments.out
    if arguments.weights and arguments.weights.is_dir():
        name = arguments.weights.resolve().name
        out = out or pathlib.Path(f"evaluation-{name}-{arguments.split}")
        own = saved.config.data_options
        config = dataclasses.replace(config, data_options=own | config.data_options)
    from dtf_keras import training

    score, plain, folder = training.evaluate(
        config,
        weights,
        arguments.split,
        out,
        arguments.rules,
        saved.input_format,
        tell,
    )
    tell(evaluation.describe(score))
    tell(f"plain {plain.rate}, as in training: {plain}")
    tell(f"hyp.ctm, ref.stm, scores.json and the report are in {folder}.")


def _saved(argv):
    """The `SavedConfig` that holds where the command line says nothing."""
    given = early_flags(argv, run=None, data=None, model=None, weights=None)
    if not given.run:
        if given.weights and pathlib.Path(given.weights).is_dir():
            return _of_preset(given.weights, given.data, given.model)
        model = given.model or RunConfig.model
        return SavedConfig(recipes.base(given.data or RunConfig.data, model))
    saved = RunFolder(given.run).read_config()
    if given.data in (None, saved.config.data):
        return saved
    config = dataclasses.replace(  # another corpus is elsewhere
        saved.config,
        data=given.data,
        root=None,
        data_options={},
        crop=None,
        resize=None,
        on_bad_clip="stop",
    )
    return dataclasses.replace(saved, config=config)


def _of_preset(folder, data, model):
    """The `SavedConfig` by which a preset is scored on a corpus."""
    from dtf_keras.zoo.preset import GLOSSES, read_preset

    try:
        preset = read_preset(folder)
    except ValueError as error:
        raise SettingError(str(error)) from error
    if model not in (None, preset.model):
        raise SettingError(
            f"{folder} is a preset of {preset.model}, not of {model}: leave out "
            "--model."
        )
    if preset.glosses is None:
        raise SettingError(f"{folder} has no glosses: nothing says what it recognizes.")
    data = data or preset.metadata["training"]["corpus"] or RunConfig.data
    base = recipes.base(data, preset.model)
    options = {**preset.config["options"]}
    del options["num_classes"]
    config = dataclasses.replace(
        base,
        width=options.pop("width"),
        frame_size=options.pop("frame_size"),
        options=options,
        decoder=preset.decoder or base.decoder,
        precision="float32",
    )
    if "vocabulary" in corpora.options(data):
        glosses = {"vocabulary": str(preset.path / GLOSSES)}
        config = dataclasses.replace(config, data_options=glosses)
    return SavedConfig(config, preset.input_format)


def _weights_of(arguments):
    if arguments.run:
        _refuse(arguments, "--run", ("model", *_OF_A_MODEL))
        folder = RunFolder(arguments.run)
        if not folder.best_weights.is_file():
            raise FileNotFoundError(
                f"{folder.path} has no weights yet: its first epoch has not ended."
            )
        return folder.best_weights
    if arguments.weights and arguments.weights.is_dir():
        from dtf_keras.zoo.preset import WEIGHTS

        _refuse(arguments, "a preset", ("options", "width"))
        return arguments.weights / WEIGHTS
    if not (arguments.model and arguments.weights):
        raise SettingError(
            "there is nothing to score: give --run, or --model and --weights, or "
            "--hyp and --ref."
        )
    return arguments.weights


def _refuse(arguments, mode, names):
    unsaid = EvaluateArguments()
    for name in names:
        if getattr(arguments, name) != getattr(unsaid, name):
            flag = name.replace("_", "-")
            raise SettingError(f"--{flag} does not go with {mode}: leave it out.")
