"""A model and its weights become a preset."""

import dataclasses
import pathlib

from dtf_keras import models
from dtf_keras.data import Vocabulary
from dtf_keras.files import write_folder_whole, write_json, write_text
from dtf_keras.recognition import ClipFormat
from dtf_keras.zoo import preset as files
from dtf_keras.zoo.card import model_card
from dtf_keras.zoo.details import PresetDetails, make_metadata
from dtf_keras.zoo.problems import PresetError
from dtf_keras.zoo.weights_file import save_weights

_DTYPES = ("float32", "float16")


def save_preset(
    model,
    path,
    *,
    glosses=None,
    frame_rate=None,
    crop=None,
    details=None,
    dtype="float32",
    name=None,
    replace=False,
):
    """Writes a model as a preset: a folder that `zoo.get(..., weights=path)` reads.

    The folder can be copied, put on a web server (`weights="https://..."`) or pushed
    to a hub (`zoo.push`). It has `config.json`, `glosses.txt`, `model.weights.h5`,
    `metadata.json` (with the sha256 of the others) and `README.md`, the model card.

    Args:
        model: a model of `zoo.get` or `models.build`, trained or not; compiled or not.
        path: the folder, new or empty. It is written whole or not at all.
        glosses: V-1 names of classes 1 .. V-1; by default those of
            `model.clip_format`. Without any the model can be loaded but not name
            what it recognises.
        frame_rate: of the video it was trained on, frames a second; by default that
            of `model.clip_format`, else 25.
        crop: side of the centre crop as a share of the resized frame; by default that
            of `model.clip_format`, else 1.
        details: `PresetDetails`; what is known of training and results.
        dtype: of the weights in the file, "float32", or "float16" for half the size.
        name: of the preset, by default that of the folder.
        replace: whether a preset that is there may be replaced.

    Returns:
        The preset, read back: `Preset`.

    Raises:
        FileExistsError: the folder exists and is not empty.
        PresetError: a model that is not the zoo's, or a name that cannot be.
        ValueError: glosses that are not the model's, or a frame rate, crop or dtype
            that cannot be.
    """
    if dtype not in _DTYPES:
        raise ValueError(f"dtype is {dtype!r}: it must be {' or '.join(_DTYPES)}.")
    path = pathlib.Path(path)
    name = path.resolve().name if name is None else name
    files.check_name(name)
    _require_of_the_zoo(model)
    config = folder_config(model, *_input(model, frame_rate, crop))
    glosses = _glosses(model, glosses)
    metadata = make_metadata(name, model, details or PresetDetails(), dtype)

    def write(folder):
        write_json(folder / files.CONFIG, config)
        if glosses is not None:
            text = "".join(f"{gloss}\n" for gloss in glosses)
            write_text(folder / files.GLOSSES, text)
        save_weights(model, folder / files.WEIGHTS, dtype)
        metadata["files"] = list_files(folder)
        write_text(folder / files.CARD, model_card(metadata, config))
        metadata["files"] = list_files(folder)
        write_json(folder / files.METADATA, metadata)

    # A folder of anything but a preset is not replaced.
    replace = replace and (path / files.METADATA).is_file()
    write_folder_whole(path, write, replace)
    return files.read_preset(path)


def list_files(folder):
    """`{name: {"sha256": ..., "bytes": ...}}` of the files of a folder."""
    return {
        path.name: {"sha256": files.sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
    }


def folder_config(model, frame_rate, crop):
    """What `config.json` says: the model, its options, the video it reads."""
    return {
        "model": model.name,
        "options": dataclasses.asdict(model.config),
        "input": {
            "frame_size": model.config.frame_size,
            "frame_rate": frame_rate,
            "crop": crop,
            "scaling": "0..1",
        },
    }


def _require_of_the_zoo(model):
    made_here = isinstance(model, models.Recognizer) and model.config is not None
    if not made_here or model.name not in models.names():
        raise PresetError(
            f"{model.name!r} does not know its options: make it by zoo.get or "
            "models.build, and load its weights into that."
        )


def _input(model, frame_rate, crop):
    known = model.clip_format
    if frame_rate is None:
        frame_rate = known.frame_rate if known else 25.0
    if crop is None:
        crop = known.crop if known else 1.0
    ClipFormat(None, 1, frame_rate, crop)  # checks them
    return frame_rate, crop


def _glosses(model, glosses):
    if glosses is None:
        glosses = model.clip_format.glosses if model.clip_format else None
    if glosses is None:
        return None
    glosses = Vocabulary(glosses).glosses
    if len(glosses) != model.config.num_classes - 1:
        raise ValueError(
            f"The model has {model.config.num_classes - 1} glosses beside the blank, "
            f"not {len(glosses)}."
        )
    return glosses
