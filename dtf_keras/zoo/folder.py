"""A model and its weights as a folder of files."""

import dataclasses
import pathlib

from dtf_keras.files import write_json, write_text, write_whole

CONFIG, WEIGHTS, GLOSSES = "config.json", "model.weights.h5", "glosses.txt"


def write_folder(path, model, config, glosses=None, frame_rate=25.0):
    """Writes `model.weights.h5`, `config.json` and, if given, `glosses.txt`.

    Args:
        path: the folder, new or empty.
        model: a model of the zoo.
        config: its config.
        glosses: names of its classes 1 .. V-1.
        frame_rate: of the video it reads, frames a second.

    Raises:
        FileExistsError: the folder exists and is not empty.
        ValueError: the number of glosses is not that of the model's classes.
    """
    path = pathlib.Path(path)
    if glosses is not None and len(glosses) != config.num_classes - 1:
        raise ValueError(
            f"The model has {config.num_classes - 1} glosses beside the blank, "
            f"not {len(glosses)}."
        )
    require_new(path)
    path.mkdir(parents=True, exist_ok=True)
    write_whole(path / WEIGHTS, model.save_weights)
    if glosses is not None:
        write_text(path / GLOSSES, "".join(f"{gloss}\n" for gloss in glosses))
    write_json(path / CONFIG, folder_config(model.name, config, frame_rate))


def require_new(path):
    """Checks that a folder can be written.

    Raises:
        FileExistsError: it exists and is not empty, or is a file.
    """
    path = pathlib.Path(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(f"{path} exists and is not empty: choose a new folder.")


def folder_config(name, config, frame_rate):
    """What `config.json` says: the model, its options, the video it reads."""
    return {
        "model": name,
        "options": dataclasses.asdict(config),
        "input": {
            "frame_size": config.frame_size,
            "frame_rate": frame_rate,
            "scaling": "0..1",
        },
    }
