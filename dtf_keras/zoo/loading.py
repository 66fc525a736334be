"""`zoo.get`: a model, with the weights one asks for."""

import os

from dtf_keras import models
from dtf_keras.data import Vocabulary
from dtf_keras.zoo import places
from dtf_keras.zoo.problems import PresetError, UnknownPresetError
from dtf_keras.zoo.resolve import find
from dtf_keras.zoo.trained import from_file, from_preset

DEFAULT = "default"


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
            `https://...` or `hf://ORG/REPO[@REVISION]`; the path, also as `file://...`,
            of a `.weights.h5` or `.keras` file made by the same model with the same
            options; or `None` for fresh weights. A name is looked for in the cache
            (`$DTF_KERAS_HOME`), in the mirror (`$DTF_KERAS_MIRROR`) and in the package.
        num_classes: V, blank and the glosses. By default that of the preset or file;
            without one 1237, the source's PHOENIX vocabulary. Another one than theirs
            gives a fresh last layer on trained other layers, with a warning.
        frame_size: H = W, pixels; by default that of the preset or `.keras` file,
            without one 112.
        width: factor on every channel count; by default that of the preset or `.keras`
            file, without one 1, the source.
        glosses: V-1 names of classes 1 .. V-1, in place of `num_classes`. Others than
            the preset's give a fresh last layer.
        **options: the model's own, e.g. `window=12`, `residual=True`;
            `zoo.describe(name)` lists them.

    Returns:
        A `dtf_keras.models.Recognizer`, not yet compiled; its `clip_format` says what
        a preset reads and what its classes mean.

    Raises:
        TypeError: `name` or `weights` is of a type that it cannot have.
        ValueError: on an unknown name or option (names the closest ones), a value or
            glosses that cannot be, or options that contradict the preset's.
        PresetError: a `ValueError`: no such preset, a damaged one, or weights that do
            not fit.
        DownloadError: an `OSError`: the preset cannot be downloaded.
        FileNotFoundError: the weights file is not there.

    Example:

    >>> model = zoo.get("full_conv_v7", weights=None, num_classes=27, frame_size=32)
    >>> model.compile()
    """
    _require_types(name, weights)
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
        config = models.make_config(name, **given)  # wrong names, before any download
    if weights is None:
        return models.build(name, config)
    file = _weights_file(weights)
    if file:
        return from_file(name, file, given, glosses)
    if weights == DEFAULT:
        preset = _default_preset(name)
        name = preset.model
    else:
        preset = find(weights)
    return from_preset(name, preset, given, glosses)


def _require_types(name, weights):
    if not isinstance(name, str):
        raise TypeError(
            "name must be a string, one of zoo.list() or zoo.presets(). "
            f"Received: {name!r}."
        )
    if not isinstance(weights, str | os.PathLike | None):
        raise TypeError(
            "weights must be a preset's name, a path or URL, or None for fresh "
            f"weights. Received: {weights!r}."
        )


def _weights_file(weights):
    """Path of the file that a user means, `None` if they mean a preset."""
    address = os.fspath(weights)
    if not address.endswith((".h5", ".keras")):
        return None
    if places.is_web(address):
        raise PresetError(
            f"{address} is a file: give the folder of a preset, "
            f"{address.rpartition('/')[0]}, or download the file and give its path."
        )
    return places.local_path(address)


def _default_preset(name):
    try:
        return find(name)
    except UnknownPresetError:
        models.entry(name)  # raises if it is no model either, and names the closest
        raise
