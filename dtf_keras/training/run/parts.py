"""A run's corpus, model and optimiser, as its config says."""

import dataclasses
import functools
import importlib.metadata
import platform

import keras

import dtf_keras
from dtf_keras import data, decoding, models, zoo
from dtf_keras.training.run.freezing import freeze_layers
from dtf_keras.training.run.optimisation import build_optimizer
from dtf_keras.training.settings.config import SettingError


def seed_everything(seed):
    """Seeds Python, numpy and the backend, so that a seed repeats a run."""
    keras.utils.set_random_seed(seed)


def load_split(config, split):
    """A split of the run's corpus.

    Args:
        config: `RunConfig`.
        split: name of the split; all but "train" have `num_eval_clips` clips.

    Raises:
        SettingError: no such corpus, or a corpus that cannot be used.
    """
    num_clips = config.num_clips if split == "train" else config.num_eval_clips
    options = {"frame_size": config.frame_size, "num_clips": num_clips}
    for option in options.keys() & config.data_options.keys():
        flag = option.replace("_", "-")
        raise SettingError(f"{option} is no option of the corpus here: give --{flag}.")
    if config.root is not None:
        options["root"] = config.root
    if config.on_bad_clip != "stop":
        options["on_bad_clip"] = config.on_bad_clip
    try:
        return data.load(config.data, split, **options | config.data_options)
    except (ValueError, ModuleNotFoundError) as error:
        raise SettingError(str(error)) from error


def training_batches(config, train):
    """The shuffled batches of the training split, augmented if the config says so.

    Raises:
        SettingError: an augmentation that cannot be.
    """
    augmentation = train.augmentation
    if config.augment == "true":
        augmentation = augmentation or data.Augmentation()
    elif config.augment == "false":
        augmentation = None
    if config.augmentation:
        if augmentation is None:
            raise SettingError(
                "augmentation is given, but the training clips are shown as they are: "
                "give --augment true, or leave it out."
            )
        known = [setting.name for setting in dataclasses.fields(augmentation)]
        for name in config.augmentation.keys() - set(known):
            raise SettingError(f"augmentation has no {name!r}; it has {known}.")
        try:
            augmentation = dataclasses.replace(augmentation, **config.augmentation)
        except ValueError as error:
            raise SettingError(f"augmentation: {error}") from error
    return train.batches(
        config.batch_size, shuffle=True, seed=config.seed, augmentation=augmentation
    )


def make_model(config, num_classes):
    """The model of a run with fresh weights, not compiled.

    Args:
        config: `RunConfig`.
        num_classes: V, blank included.

    Returns:
        A zoo model. The global dtype policy is as before.

    Raises:
        SettingError: a model or option that does not exist, or a value that it cannot
            have.
    """
    fixed = {"num_classes": num_classes, "frame_size": config.frame_size}
    fixed["width"] = config.width
    for option in fixed.keys() & config.options.keys():
        raise SettingError(f"{option} is no option of the model here: the run sets it.")
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        models.make_config(config.model, **fixed, **config.options)
        return zoo.get(config.model, weights=None, **fixed, **config.options)
    except ValueError as error:
        raise SettingError(str(error)) from error
    finally:
        keras.config.set_dtype_policy(policy)


def build_model(config, num_classes, steps_per_epoch):
    """`make_model`, its frozen layers frozen, compiled for training.

    Args:
        config: `RunConfig`.
        num_classes: V, blank included.
        steps_per_epoch: training steps in an epoch.

    Raises:
        SettingError: a model, option or layer that does not exist, or a warm-up as
            long as the run.
    """
    model = make_model(config, num_classes)
    freeze_layers(model, config.freeze)
    jit_compile = {"auto": "auto", "true": True, "false": False}[config.jit_compile]
    model.compile(
        optimizer=build_optimizer(config, model, steps_per_epoch),
        loss=models.CTCLoss(padded_lengths=config.ctc_lengths == "padded"),
        metrics=[models.InfeasibleClips()],
        jit_compile=jit_compile,
    )
    return model


def make_decoder(config, vocabulary):
    """What reads the glosses off the logits of dev and test clips.

    Args:
        config: `RunConfig`.
        vocabulary: `dtf_keras.data.Vocabulary`.

    Returns:
        Function from logits `[B, T', V]` to B lists of class ids.
    """
    settings = config.decoder_options().settings(vocabulary.glosses)
    return functools.partial(decoding.decode, **settings)


def made_with(corpus_version):
    """Backend, versions and corpus that a run's numbers depend on: a dict."""
    backend = keras.config.backend()
    packages = ["keras", backend, "numpy", "jiwer"]
    return {
        "backend": backend,
        "corpus_version": corpus_version,
        "python": platform.python_version(),
        "dtf_keras": dtf_keras.__version__,
        **{package: importlib.metadata.version(package) for package in packages},
    }
