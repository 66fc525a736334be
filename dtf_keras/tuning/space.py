"""Which settings are searched: those of a run, and those that the model registers."""

import dataclasses

import keras_tuner

from dtf_keras import models
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import unknown

LEARNING_RATES = (5e-4, 8e-3)  # searched on a logarithmic scale
_OF_A_RUN = {"width": (0.125, 0.25, 0.375), "weight_decay": (0.0, 1e-4, 1e-3)}


def search_space(config, keep=()):
    """The settings to search for a run, as keras-tuner takes them.

    `learning_rate`, `width` and `weight_decay` of the run, and each option of the model
    that has choices (`models.choices`). Options that the config gives stay as they are.

    Args:
        config: `RunConfig` that the search begins with.
        keep: names of settings not to search.

    Returns:
        `keras_tuner.HyperParameters`.

    Raises:
        SettingError: no such model, a name in `keep` that is not searched, or nothing
            left to search.
    """
    try:
        choices = models.choices(config.model)
    except ValueError as error:
        raise SettingError(str(error)) from error
    options = {k: v for k, v in choices.items() if k not in config.options}
    searched = ["learning_rate", *_OF_A_RUN, *options]
    for name in keep:
        if name not in searched:
            of = f"the search for {config.model}"
            raise SettingError(unknown("setting", name, searched, of=of))
    space = keras_tuner.HyperParameters()
    for name, values in {**_OF_A_RUN, **options}.items():
        if name not in keep:
            space.Choice(name, list(values))
    if "learning_rate" not in keep:
        space.Float("learning_rate", *LEARNING_RATES, sampling="log")
    if not space.space:
        raise SettingError("Every setting is kept: there is nothing to search.")
    return space


def with_values(config, values, epochs=None):
    """The `RunConfig` of a trial.

    Args:
        config: `RunConfig` that the search began with.
        values: dict from the searched names to values; keras-tuner's own, which begin
            with `tuner/`, are left out.
        epochs: int, of the trial; by default the config's.
    """
    values = {k: v for k, v in values.items() if not k.startswith("tuner/")}
    settings = {setting.name for setting in dataclasses.fields(config)}
    choices = models.choices(config.model)
    options = {  # keras-tuner gives 1 for True, which is no value of a bool option
        k: choices[k][choices[k].index(v)]
        for k, v in values.items()
        if k not in settings
    }
    return dataclasses.replace(
        config,
        **{k: v for k, v in values.items() if k in settings},
        options={**config.options, **options},
        epochs=epochs or config.epochs,
    )
