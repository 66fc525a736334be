"""Trains a zoo model and writes a run folder."""

import dataclasses
import math
import os
import pathlib
import sys
import time

import keras

from dtf_keras import data
from dtf_keras.training.run.averaging import AverageAfterEpoch, swap_back
from dtf_keras.training.run.checkpoint import KeepWeights, load_state
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.run.health import Divergence, Health
from dtf_keras.training.run.initial_weights import find_weights, start_from
from dtf_keras.training.run.parts import (
    build_model,
    load_split,
    made_with,
    make_decoder,
    seed_everything,
    training_batches,
)
from dtf_keras.training.run.progress import EpochBar, Progress
from dtf_keras.training.run.report import TEST_SPLITS, describe, write_report
from dtf_keras.training.scoring.dev_errors import DevErrors
from dtf_keras.training.settings.config import SettingError


def fit(config, out=None, name=None):
    """Trains a model as `config` says and writes everything to a run folder.

    Args:
        config: `RunConfig`.
        out: the folder, new or empty; `runs/<name>-<time>` by default.
        name: for the folder's name; the model's by default.

    Returns:
        `RunFolder` of the finished run.

    Raises:
        FileExistsError: `out` exists and is not empty.
        TrainingDivergedError: the loss became NaN or infinite.
        ClipError: a clip that cannot be read any more.
        FileNotFoundError: no weights to start from.
        SettingError: a setting that cannot be.
    """
    if out is None:
        name = (name or config.model).replace("/", "-")
        out = pathlib.Path("runs", f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
    folder = RunFolder(out)
    folder.require_empty()
    if config.root is not None:  # the run can be resumed and scored from anywhere
        config = dataclasses.replace(config, root=_absolute(config.root))
    return _train(folder, config)


def resume(path):
    """Continues an interrupted run after its last whole epoch.

    The numbers are those of a run that was never interrupted. A run that is
    finished is left as it is.

    Args:
        path: its run folder.

    Returns:
        `RunFolder` of the finished run.

    Raises:
        FileNotFoundError: the folder is not that of a run.
        SettingError: the run was made with another backend or corpus version.
    """
    folder = RunFolder(path)
    config, origin = folder.read_config()
    if folder.finished:
        _say(f"{folder.path} is finished.\n{describe(folder.read_metrics())}")
        return folder
    return _train(folder, config, origin)


def _train(folder, config, origin=None):
    seed_everything(config.seed)
    resumed = folder.last_weights.exists()
    weights = None
    train = load_split(config, "train")
    if config.init_from and not resumed:
        weights = find_weights(config, train.vocabulary, folder.path)
    dev = load_split(config, "dev")
    for split in TEST_SPLITS:
        load_split(config, split)  # what is wrong with it is said before training
    here = made_with(train.version)
    for name in ("backend", "corpus_version"):
        if origin and origin.get(name) != here[name]:
            raise SettingError(
                f"{folder.path} was made with {name} {origin.get(name)!r}, this is "
                f"{here[name]!r}: it cannot continue exactly. Start a new run with "
                f"--config {folder.config}."
            )
    batches = training_batches(config, train)
    model = build_model(config, train.vocabulary.num_classes, len(batches))
    epochs_done = 0
    if resumed:
        epochs_done = load_state(model, folder.last_weights)
        if config.ema:
            swap_back(model)
        here = {**origin, **here}  # with what it started from
    else:
        if weights:
            glosses = train.vocabulary
            start = start_from(model, config, weights, glosses, _say)
            here["initial_weights"] = start
        folder.write_config(config, here)
        train.vocabulary.to_file(folder.glosses)
    folder.keep_history(epochs_done)
    _say(
        f"{config.model} with {model.count_params():,} parameters on {config.data}: "
        f"{len(train)} training clips in {len(batches)} steps, {len(dev)} dev clips; "
        f"epochs {epochs_done + 1} to {config.epochs}, on {here['backend']}, into "
        f"{folder.path}"
    )
    health = Health(config, len(train), folder.read_history(), _say)
    batches.epoch = epochs_done
    try:
        with data.clip_errors(batches):
            model.fit(
                batches.dataset(),
                epochs=config.epochs,
                initial_epoch=epochs_done,
                callbacks=_callbacks(folder, config, batches, dev, health),
                shuffle=False,  # the batches shuffle
                verbose=0,
            )
    except KeyboardInterrupt:
        _say(f"\nInterrupted. Continue with --resume {folder.path}")
        raise
    model.load_weights(folder.best_weights)
    metrics = write_report(folder, config, model, batches, dev, here, health.warnings)
    _say(describe(metrics))
    _say(f"Everything is in {folder.path}: {', '.join(folder.files())}.")
    return folder


def _callbacks(folder, config, batches, dev, health):
    """The run's callbacks; each needs what those before it add to the logs."""
    decoder = make_decoder(config, dev.vocabulary)
    dev_errors = DevErrors(dev, config.batch_size, decoder)
    terminal = sys.stdout.isatty()
    best_wer = min((row["val_wer"] for row in folder.read_history()), default=math.inf)
    return [
        EpochSeed(batches),
        *([EpochBar()] if terminal else []),
        *([AverageAfterEpoch()] if config.ema else []),
        Divergence(config),
        dev_errors,
        Progress(dev_errors, terminal, _say),
        health,
        keras.callbacks.CSVLogger(folder.history, append=True),
        KeepWeights(folder, best_wer),
    ]


class EpochSeed(keras.callbacks.Callback):
    """Makes chance depend on the epoch alone, so that a resumed run meets the same.

    It tells the batches which shuffle is next. On torch, Keras' dropout draws from
    torch's own generator, whose state is no part of the model: it is seeded anew.
    """

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.epoch = epoch
        if keras.config.backend() == "torch":
            import torch

            torch.manual_seed((self.batches.seed << 32) + epoch)


def _absolute(path):
    return os.path.abspath(os.path.expanduser(path))


def _say(line):
    print(line, flush=True)
