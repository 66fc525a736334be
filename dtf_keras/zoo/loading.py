"""`zoo.get`: a model, with the weights one asks for."""

import dataclasses
import os
import pathlib
import warnings

from dtf_keras import models
from dtf_keras.data import Vocabulary
from dtf_keras.recognition import ClipFormat
from dtf_keras.zoo.problems import PresetError, UnknownPresetError
from dtf_keras.zoo.resolve import find
from dtf_keras.zoo.weights_file import copy_all_but_head, load_weights

DEFAULT = "default"

# Options that change training alone: they may be other than the preset's.
_FREE = ("seed", "dropout")
_WEIGHTS_FILES = (".h5", ".keras")


def get(
    name,
    weights=DEFAULT,
    num_classes=None,
    frame_size=None,
    width=None,
    glosses=None,
    **options,
):
    """A model of the zoo, trained or fresh.

    Args:
        name: a name of `zoo.list()`, or of `zoo.presets()` for that preset.
        weights: "default" for the model's own preset; the name of another preset of
            it (`zoo.presets()`); the folder of a preset as a path, `file://...`,
            `https://...` or `hf://ORG/REPO[@REVISION]`; the path of a `.weights.h5` or
            `.keras` file made by the same model with the same options; or `None` for
            fresh weights. A name is looked for in the cache (`$DTF_KERAS_HOME`), in
            the mirror (`$DTF_KERAS_MIRROR`) and in the package.
        num_classes: V, blank and the glosses. By default that of the preset; without
            one 1237, the source's PHOENIX vocabulary. Another one than the preset's
            gives a fresh last layer on trained other layers, with a warning.
        frame_size: H = W, pixels; by default the preset's, without one 112.
        width: factor on every channel count; by default the preset's, without one 1,
            the source.
        glosses: V-1 names of classes 1 .. V-1, in place of `num_classes`. Others than
            the preset's give a fresh last layer.
        **options: the model's own, e.g. `window=12`, `residual=True`;
            `zoo.describe(name)` lists them.

    Returns:
        A `dtf_keras.models.Recognizer`, not yet compiled; its `clip_format` says what
        a preset reads and what its classes mean.

    Raises:
        ValueError: on an unknown name or option (names the closest ones), glosses that
            cannot be, or options that contradict the preset's.
        PresetError: a `ValueError`: no such preset, a damaged one, or weights that do
            not fit.
        DownloadError: an `OSError`: the preset cannot be downloaded.
        FileNotFoundError: the weights file is not there.

    Example:

    >>> model = zoo.get("full_conv_v7", weights=None, num_classes=27, frame_size=32)
    >>> model.compile()
    """
    if glosses is not None:
        glosses = Vocabulary(glosses).glosses
        if num_classes not in (None, len(glosses) + 1):
            raise ValueError(
                f"num_classes={num_classes} does not go with {len(glosses)} glosses "
                "and the blank: leave it out."
            )
        num_classes = len(glosses) + 1
    given = {"num_classes": num_classes, "frame_size": frame_size, "width": width}
    given = {key: value for key, value in given.items() if value is not None} | options
    if weights != DEFAULT or name in models.names():
        models.make_config(name, **given)  # a wrong name is told before any download
    if weights is None or _is_weights_file(weights):
        return _without_preset(name, weights, given, glosses)
    if weights == DEFAULT:
        preset = _default_preset(name)
        name = preset.model
    else:
        preset = find(weights)
    return _with_preset(name, preset, given, glosses)


def _is_weights_file(weights):
    address = os.fspath(weights)
    return "://" not in address and address.endswith(_WEIGHTS_FILES)


def _without_preset(name, weights, given, glosses):
    config = models.make_config(name, **given)
    if weights is not None and not pathlib.Path(weights).is_file():
        raise FileNotFoundError(
            f"There is no weights file {os.fspath(weights)!r} for {name!r}."
        )
    model = models.build(name, config)
    if weights is not None:
        load_weights(model, weights)
        if glosses is not None:
            model.clip_format = ClipFormat(glosses, config.frame_size)
    return model


def _default_preset(name):
    try:
        return find(name)
    except UnknownPresetError:
        models.entry(name)  # raises if it is no model either, and names the closest
        raise


def _with_preset(name, preset, given, glosses):
    if preset.model != name:
        raise PresetError(
            f"Preset {preset.name!r} is one of {preset.model}, not of {name}: "
            f"zoo.get({preset.model!r}, weights={preset.name!r})."
        )
    trained = models.make_config(name, **preset.config["options"])
    config = models.make_config(name, **preset.config["options"] | given)
    _refuse_contradictions(preset, trained, config)
    same_head = config.num_classes == trained.num_classes
    if glosses is not None and preset.glosses is not None:
        same_head = glosses == preset.glosses
    model = models.build(name, config)
    if same_head:
        load_weights(model, preset.weights)
        model.clip_format = preset.clip_format(glosses)
        return model
    whole = models.build(name, trained)
    load_weights(whole, preset.weights)
    copy_all_but_head(whole, model)
    if glosses is not None:
        model.clip_format = preset.clip_format(glosses)
    warnings.warn(
        f"{name}: all layers but the last have the weights of preset {preset.name!r} "
        f"({trained.num_classes} classes); the last is fresh ({config.num_classes} "
        "classes) and has to be trained.",
        stacklevel=3,
    )
    return model


def _refuse_contradictions(preset, trained, config):
    for field in dataclasses.fields(trained):
        had, wanted = getattr(trained, field.name), getattr(config, field.name)
        if had != wanted and field.name not in (*_FREE, "num_classes"):
            raise ValueError(
                f"Preset {preset.name!r} was trained with {field.name}={had!r}, so it "
                f"cannot have {field.name}={wanted!r}: leave that out, take another "
                "preset, or weights=None for fresh weights."
            )
