"""`index.json`: the presets of a zoo, which is a folder of them."""

import pathlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.files import write_json
from dtf_keras.json_text import parse_object
from dtf_keras.words import quoted
from dtf_keras.zoo.preset import METADATA, check_name, read_preset, sha256, unsound
from dtf_keras.zoo.problems import PresetError
from dtf_keras.zoo.upgrade import FORMAT, upgrade

INDEX = "index.json"


def write_index(zoo):
    """Writes `index.json` anew from the presets in a folder.

    Args:
        zoo: the folder.

    Returns:
        The dict that `parse_index` gives.

    Raises:
        PresetError: a preset in it is damaged.
    """
    zoo = pathlib.Path(zoo)
    presets = {path.name: index_entry(path) for path in preset_folders(zoo)}
    write_json(zoo / INDEX, {"format": FORMAT, "presets": presets})
    return presets


def preset_folders(zoo):
    """The folders in a zoo that hold a preset, sorted."""
    return sorted(path.parent for path in pathlib.Path(zoo).glob(f"[!.]*/{METADATA}"))


def index_entry(path):
    """What the index says of the preset in a folder.

    Raises:
        PresetError: it is damaged, or its name is not that of the folder.
    """
    preset = read_preset(path)
    if preset.name != path.name:
        raise PresetError(
            f"The preset in {path} is named {quoted(preset.name)}: rename one."
        )
    with damage_as(lambda error: unsound(path, error)):
        return {
            "model": preset.model,
            "metadata_sha256": sha256(path / METADATA),
            "bytes": preset.num_bytes,
            "wer": {split: one["wer"] for split, one in preset.metadata["wer"].items()},
        }


def read_index(zoo):
    """The presets of a zoo on this machine: `{name: entry}`; none if it has no index.

    Raises:
        PresetError: the index is damaged.
    """
    path = pathlib.Path(zoo) / INDEX
    return parse_index(path.read_bytes(), path) if path.is_file() else {}


def parse_index(content, where):
    """The presets in the bytes of an `index.json`: `{name: entry}`.

    Raises:
        PresetError: it is something else.
    """

    def no_index(error):
        return PresetError(f"{where} is not the index of a zoo ({reason(error)}).")

    with damage_as(no_index, PresetError):
        index = upgrade(parse_object(content), where)
        for name, entry in index["presets"].items():
            check_name(name)
            entry["model"], entry["metadata_sha256"]
        return index["presets"]
