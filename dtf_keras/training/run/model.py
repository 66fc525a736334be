"""The model of a run: fresh, made ready for training, and trained."""

import keras

from dtf_keras import models, zoo
from dtf_keras.data import Vocabulary
from dtf_keras.layers import recompute
from dtf_keras.training.run.corpora import load_split
from dtf_keras.training.run.freezing import freeze_layers, freeze_norm_scales
from dtf_keras.training.run.optimisation import build_optimizer
from dtf_keras.training.settings.config import SettingError
from dtf_keras.zoo.weights_file import load_weights


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


def compile_model(config, model, steps_per_epoch):
    """Freezes what the config names and compiles the model for training.

    Args:
        config: `RunConfig`.
        model: `make_model` of it.
        steps_per_epoch: training steps in an epoch.

    Raises:
        SettingError: a layer that does not exist, or nothing to make anew.
    """
    if config.remat and not recompute(model):
        raise SettingError(
            f"remat: {model.name} as it is set here has no backbone on pictures, whose "
            "activations could be made anew."
        )
    freeze_layers(model, config.freeze)
    if config.freeze_norm_scales:
        freeze_norm_scales(model)
    model.compile(
        optimizer=build_optimizer(config, model, steps_per_epoch),
        jit_compile="auto" if config.jit_compile is None else config.jit_compile,
    )


def trained_model(folder):
    """The model of a run with its best weights, `glosses`, `input_format`, `decoder`.

    Args:
        folder: `RunFolder`.

    Raises:
        SettingError: a run of format 1 that does not say what its model read, and
            whose corpus cannot be loaded to tell.
        PresetError: weights that do not fit.
    """
    saved = folder.read_config()
    vocabulary = Vocabulary.from_file(folder.glosses)
    model = make_model(saved.config, vocabulary.num_classes)
    load_weights(model, folder.best_weights)
    model.glosses = vocabulary.glosses
    model.input_format, model.decoder = saved.input_format, saved.config.decoder
    if model.input_format is None:
        model.input_format = load_split(saved.config, "dev").input_format
    return model
