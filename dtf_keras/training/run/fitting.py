"""Trains a zoo model and writes a run folder."""

import dataclasses
import math
import os
import pathlib
import sys
import time

import keras

from dtf_keras import data
from dtf_keras.files import NO_ROOM, WriteError, written
from dtf_keras.training.devices import choose as choose_devices
from dtf_keras.training.devices import lost_processes, own_folder
from dtf_keras.training.run.averaging import AverageAfterEpoch, swap_back
from dtf_keras.training.run.backbone_weights import find_backbone, start_backbone
from dtf_keras.training.run.checkpoint import KeepWeights, load_state, load_trained
from dtf_keras.training.run.corpora import for_model, load_split, training_batches
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.run.health import Divergence, Health
from dtf_keras.training.run.initial_weights import find_weights, start_from
from dtf_keras.training.run.model import compile_model, make_model
from dtf_keras.training.run.optimisation import total_updates, warmup_of
from dtf_keras.training.run.origin import made_with
from dtf_keras.training.run.progress import EpochBar, Progress
from dtf_keras.training.run.report import describe, write_report
from dtf_keras.training.run.smaller_batches import (
    BatchTooLargeError,
    OutOfMemoryError,
    memory_errors,
    within_memory,
)
from dtf_keras.training.run.tensorboard import TensorBoard, require_tensorboard
from dtf_keras.training.run.tensorflow_graphs import released_graphs
from dtf_keras.training.scoring.decoders import make_decoder
from dtf_keras.training.scoring.dev_errors import DevErrors
from dtf_keras.training.scoring.transcripts import measure, transcribe
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell

MEASURED = ("dev", "test")
"""Splits that a run is measured on; the first after each epoch too."""


def fit(config, out=None, name=None, tensorboard=False, devices=None):
    """Trains a model as `config` says and writes everything to a run folder.

    Args:
        config: `RunConfig`.
        out: the folder, new or empty; `runs/<name>-<time>` by default.
        name: for the folder's name; the model's by default.
        tensorboard: whether it writes for TensorBoard too.
        devices: how many share each batch, or "all"; by default one, or where several
            processes take part all that each has. See `dtf_keras.training.devices`.

    Returns:
        `RunFolder` of the finished run.

    Raises:
        FileExistsError: `out` exists and is not empty.
        TrainingDivergedError: the loss became NaN or infinite.
        ClipError: a clip that cannot be read any more.
        FileNotFoundError: no weights to start from.
        OutOfMemoryError: memory does not suffice for one clip.
        SettingError: a setting that cannot be.
    """
    if tensorboard:
        require_tensorboard()
    if out is None:
        name = (name or config.model).replace("/", "-")
        out = pathlib.Path("runs", f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
    config = _from_anywhere(config)
    devices = _devices(devices, config)
    folder = RunFolder(out)
    if devices.chief:
        folder.require_empty()
    return _begin(folder, config, None, tensorboard, devices)


def resume(path, tensorboard=False, devices=None):
    """Continues an interrupted run after its last whole epoch.

    The numbers are those of a run that was never interrupted. A run that is
    finished is left as it is.

    Args:
        path: its run folder.
        tensorboard: whether it writes for TensorBoard; it does if it did before.
        devices: as for `fit`; they need not be as many as before.

    Returns:
        `RunFolder` of the finished run.

    Raises:
        FileNotFoundError: the folder is not that of a run.
        OutOfMemoryError: memory does not suffice for one clip.
        SettingError: the run was made with another backend or corpus version, or on
            other pictures.
    """
    folder = RunFolder(path)
    saved = folder.read_config()
    devices = _devices(devices, saved.config)
    if folder.finished:
        tell(f"{folder.path} is finished.\n{describe(folder.read_metrics())}")
        return folder
    tensorboard = tensorboard or folder.tensorboard.is_dir()
    if tensorboard:
        require_tensorboard()
    return _begin(folder, saved.config, saved, tensorboard, devices)


def _devices(wanted, config):
    # Keras imports TensorFlow for its seed, where it is installed: that starts a
    # process, which it must before JAX starts its threads.
    keras.utils.set_random_seed(config.seed)
    return choose_devices(wanted)


def _begin(folder, config, saved, tensorboard, devices):
    if config.batch_size < devices.sharing.devices:
        raise SettingError(
            f"--batch-size {config.batch_size} is shared by {devices.sharing.devices} "
            "devices: give each a clip at least, or fewer --devices."
        )
    if config.accumulate > 1 and devices.has_replicas:
        raise SettingError(
            "--accumulate needs one device on TensorFlow, or KERAS_BACKEND=jax."
        )
    how = {"tensorboard": tensorboard, "devices": devices}
    with (
        released_graphs(),
        own_folder(devices, folder) as own,
        lost_processes(devices, folder),
    ):
        if devices.processes > 1 or devices.has_replicas:
            _train_as_it_is(own, config, saved, **how)
        else:
            within_memory(_train, own, config, saved, **how)
    return folder


def _train_as_it_is(folder, config, saved, **how):
    """`_train` where one process cannot take smaller batches, or none can add up."""
    try:
        _train(folder, config, saved, **how)
    except BatchTooLargeError as error:
        raise OutOfMemoryError(
            f"Memory does not suffice for --batch-size {config.batch_size} on these "
            "devices: start a new run with a smaller one, such as --batch-size "
            f"{error.smaller.batch_size}."
        ) from error


def _train(folder, config, saved, tensorboard, devices):
    with devices.scope():
        model, batches, dev, found = _trained(
            folder, config, saved, tensorboard, devices
        )
    if devices.sharing.devices > 1:  # who draw one clip cannot share it
        model = make_model(config, dev.vocabulary.num_classes)
        load_trained(model, folder.best_weights)
    with memory_errors(config, len(batches.corpus)):
        metrics = write_report(folder, config, model, batches, dev, *found)
    tell(describe(metrics))
    tell(f"Everything is in {folder.path}: {', '.join(folder.files())}.")
    return folder


def _trained(folder, config, saved, tensorboard, devices):
    keras.utils.set_random_seed(config.seed)
    resumed = folder.last_weights.exists()
    train = load_split(config, "train")
    vocabulary = train.vocabulary
    weights = backbone = None
    if config.backbone_weights and not resumed:
        backbone = find_backbone(config)
    elif config.init_from and not resumed:
        weights = find_weights(config, vocabulary, folder.path)
    splits = {split: load_split(config, split) for split in MEASURED}
    model = make_model(config, vocabulary.num_classes)
    # What is wrong with any split is said before training.
    train = for_model(config, train, model, tell)
    splits = {
        split: for_model(config, corpus, model, tell)
        for split, corpus in splits.items()
    }
    here = made_with(train.version)
    if saved:
        _require_same(folder, saved, train.input_format, here)
        here = {**saved.made_with, **here}  # with what it started from
    batches = training_batches(config, train, model.time_axis, devices.sharing)
    _say_warmup(config, total_updates(config, len(batches)))
    compile_model(config, model, len(batches))
    epochs_done = 0
    if resumed:
        epochs_done = load_state(model, folder.last_weights)
        if config.ema:
            swap_back(model)
    else:
        if weights:
            start = start_from(model, config, weights, vocabulary, tell)
            here["initial_weights"] = start
        if backbone:
            start = start_backbone(model, config, backbone, tell)
            here["initial_weights"] = start
        folder.write_config(config, train.input_format, here)
        vocabulary.to_file(folder.glosses)
    folder.keep_history(epochs_done)
    tell(
        f"{config.model} with {model.count_params():,} parameters on {config.data}: "
        f"{len(train)} training clips in {len(batches)} steps, {len(splits['dev'])} "
        f"dev clips; epochs {epochs_done + 1} to {config.epochs}, on "
        f"{here['backend']}{_on(devices)}, into {folder.path}"
    )
    health = Health(config, len(train), folder.read_history(), tell)
    batches.epoch = epochs_done
    callbacks = _callbacks(folder, config, batches, splits["dev"], health, devices)
    if tensorboard:
        shown = splits["dev"] if devices.sharing.devices == 1 else None
        callbacks.insert(-1, TensorBoard(folder, shown))
    try:
        with (
            memory_errors(config, len(train)),
            written(folder.path, NO_ROOM),
            data.clip_errors(batches),
        ):
            model.fit(
                **devices.feed(model, batches),
                epochs=config.epochs,
                initial_epoch=epochs_done,
                callbacks=callbacks,
                shuffle=False,  # the batches shuffle
                verbose=0,
            )
    except KeyboardInterrupt:
        tell(f"\nInterrupted. Continue with --resume {folder.path}")
        raise
    except WriteError:
        tell(f"Stopped. Continue with --resume {folder.path}")
        raise
    load_trained(model, folder.best_weights)
    decoder = make_decoder(config.decoder, splits["dev"].vocabulary)
    with memory_errors(config, len(train)):
        results = {
            split: measure(
                corpus, transcribe(model, corpus, config.batch_size, decoder, devices)
            )
            for split, corpus in splits.items()
        }
    return model, batches, splits["dev"], (results, here, health.warnings)


def _on(devices):
    count = devices.sharing.devices
    if count == 1:
        return ""
    of = f" of {devices.processes} processes" if devices.processes > 1 else ""
    return f", shared by {count} devices{of}"


def _say_warmup(config, updates):
    steps = warmup_of(config, updates)
    if steps != config.warmup_steps:
        tell(
            f"The run has {updates} steps, no more than --warmup-steps "
            f"{config.warmup_steps}: the warm-up takes {steps} of them."
        )


def _require_same(folder, saved, input_format, here):
    """Checks that a run can be continued exactly."""
    found = {name: here[name] for name in ("backend", "corpus_version")}
    begun = {name: saved.made_with.get(name) for name in found}
    if saved.input_format is not None:
        found["input_format"], begun["input_format"] = input_format, saved.input_format
    for name, value in found.items():
        if begun[name] != value:
            raise SettingError(
                f"{folder.path} was made with {name} {begun[name]!r}, this is "
                f"{value!r}: it cannot continue exactly. Start a new run with "
                f"--config {folder.config}."
            )


def _callbacks(folder, config, batches, dev, health, devices):
    """The run's callbacks; each needs what those before it add to the logs."""
    decoder = make_decoder(config.decoder, dev.vocabulary)
    dev_errors = DevErrors(dev, config.batch_size, decoder, devices)
    terminal = sys.stdout.isatty()
    best_wer = min((row["val_wer"] for row in folder.read_history()), default=math.inf)
    return [
        EpochSeed(batches),
        *([EpochBar()] if terminal else []),
        *([AverageAfterEpoch()] if config.ema else []),
        Divergence(config),
        dev_errors,
        Progress(dev_errors, terminal, tell),
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


def _from_anywhere(config):
    """The config with whole paths: the run can be resumed and scored from anywhere."""
    if config.root is not None:
        config = dataclasses.replace(config, root=_absolute(config.root))
    arpa = config.decoder.language_model
    if arpa is not None:
        arpa = pathlib.Path(_absolute(arpa))
        decoder = dataclasses.replace(config.decoder, language_model=arpa)
        config = dataclasses.replace(config, decoder=decoder)
    return config


def _absolute(path):
    return os.path.abspath(os.path.expanduser(path))
