"""A model and its weights become a preset."""

import dataclasses
import pathlib
import shutil

from dtf_keras import models
from dtf_keras.data import Vocabulary
from dtf_keras.files import write_folder_whole, write_json, write_text
from dtf_keras.values import one_of
from dtf_keras.words import tell
from dtf_keras.zoo import preset as files
from dtf_keras.zoo.card import model_card
from dtf_keras.zoo.details import PresetDetails, make_metadata
from dtf_keras.zoo.index import preset_folders, write_index
from dtf_keras.zoo.problems import PresetError
from dtf_keras.zoo.upgrade import FORMAT
from dtf_keras.zoo.weights_file import save_weights

_DTYPES = ("float32", "float16")


def save_preset(
    model,
    path,
    *,
    glosses=None,
    input_format=None,
    details=None,
    decoder=None,
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
        glosses: V-1 names of classes 1 .. V-1; by default `model.glosses`. Without any
            the model can be loaded but not name what it recognizes.
        input_format: `dtf_keras.input_format.InputFormat` of the clips it was trained
            on; by default `model.input_format`.
        details: `PresetDetails`; what is known of training and results.
        decoder: `dtf_keras.decoding.DecoderOptions` by which its glosses are read off
            where nobody says how; by default `model.decoder`. A language model does not
            go with it.
        dtype: of the weights in the file, "float32", or "float16" for half the size.
        name: of the preset, by default that of the folder.
        replace: whether a preset that is there may be replaced.

    Returns:
        The preset, read back: `Preset`.

    Raises:
        FileExistsError: the folder exists and is not empty.
        PresetError: a model that is not the zoo's, or a name that cannot be.
        ValueError: glosses or an input format that are not the model's, or another
            dtype.
    """
    one_of("dtype", dtype, _DTYPES)
    path = pathlib.Path(path)
    name = path.resolve().name if name is None else name
    files.check_name(name)
    _require_of_the_zoo(model)
    config = {
        "format": FORMAT,
        "model": model.name,
        "options": dataclasses.asdict(model.config),
        "input": _input_format(model, input_format).to_dict(),
    }
    decoder = model.decoder if decoder is None else decoder
    if decoder is not None:
        config["decoder"] = {**decoder.to_dict(), "language_model": None}
    glosses = _glosses(model, glosses)
    metadata = make_metadata(name, model, details or PresetDetails(), dtype)

    def write(folder):
        if glosses is not None:
            text = "".join(f"{gloss}\n" for gloss in glosses)
            write_text(folder / files.GLOSSES, text)
        save_weights(model, folder / files.WEIGHTS, dtype)
        _write_facts(folder, config, metadata)

    # A folder of anything but a preset is not replaced.
    replace = replace and (path / files.METADATA).is_file()
    write_folder_whole(path, write, replace)
    return files.read_preset(path)


def renew(zoo, say=tell):
    """Writes the presets of a zoo anew in today's format, with their cards and index.

    Weights and glosses stay byte for byte. No reader needs it: older formats are
    upgraded when they are read.

    Args:
        zoo: folder of presets of any format.
        say: function that shows a line of text, one a preset.

    Raises:
        PresetError: a preset in it is damaged.
    """
    for path in preset_folders(zoo):
        _renew(files.read_preset(path))
        say(f"{path.name}: in format {FORMAT}")
    write_index(zoo)


def _renew(preset):
    def write(folder):
        for name in {files.WEIGHTS, files.GLOSSES} & {*preset.files}:
            shutil.copy(preset.path / name, folder)
        _write_facts(folder, preset.config, preset.metadata)

    write_folder_whole(preset.path, write, replace=True)


def _write_facts(folder, config, metadata):
    """Writes what goes with weights and glosses that are there."""
    write_json(folder / files.CONFIG, config)
    metadata["files"] = _list_files(folder)
    write_text(folder / files.CARD, model_card(metadata, config))
    metadata["files"] = _list_files(folder)
    write_json(folder / files.METADATA, metadata)


def _list_files(folder):
    """`{name: {"sha256": ..., "bytes": ...}}` of the files of a folder."""
    return {
        path.name: {"sha256": files.sha256(path), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
    }


def _require_of_the_zoo(model):
    made_here = isinstance(model, models.Recognizer) and model.config is not None
    if not made_here or model.name not in models.names():
        raise PresetError(
            f"{model.name!r} does not know its options: make it by zoo.get or "
            "models.build, and load its weights into that."
        )


def _input_format(model, given):
    input_format = model.input_format if given is None else given
    reads = models.input_format(model.name, model.config)
    if input_format.frame_shape != reads.frame_shape:
        raise ValueError(
            f"The model reads frames of {reads.size_in_words}, its input format says "
            f"{input_format.size_in_words}."
        )
    return input_format


def _glosses(model, glosses):
    if glosses is None:
        glosses = model.glosses
    if glosses is None:
        return None
    glosses = Vocabulary(glosses).glosses
    if len(glosses) != model.config.num_classes - 1:
        raise ValueError(
            f"The model has {model.config.num_classes - 1} glosses beside the blank, "
            f"not {len(glosses)}."
        )
    return glosses
