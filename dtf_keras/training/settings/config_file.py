"""The settings of a run and their file, `config.json`."""

import dataclasses
import pathlib

from dtf_keras.damage import damage_as, reason
from dtf_keras.files import write_json
from dtf_keras.input_format import InputFormat
from dtf_keras.json_text import parse_object
from dtf_keras.training.settings.checks import SettingError
from dtf_keras.training.settings.config import RunConfig
from dtf_keras.training.settings.upgrade import FORMAT, upgrade
from dtf_keras.words import unknown

_KEYS = ("format", "settings", "input_format", "made_with")


@dataclasses.dataclass(frozen=True)
class SavedConfig:
    """What a `config.json` says."""

    config: RunConfig
    """The settings."""
    input_format: InputFormat | None = None
    """What the model read in training; `None` in a file written by hand, and of a run
    of format 1 on a packed corpus or on one's own."""
    made_with: dict = dataclasses.field(default_factory=dict)
    """Backend, versions and corpus; empty in a file written by hand."""


def read_config(path):
    """What the `config.json` of a run folder, or one written by hand, says.

    A file of an older format, or of settings alone, is read as today's.

    Args:
        path: the file.

    Returns:
        `SavedConfig`.

    Raises:
        FileNotFoundError: no such file.
        SettingError: the file is not a JSON object, is of a newer format or has an
            unknown setting.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no config file {path}: give the config.json of a run folder."
        )
    with damage_as(lambda error: SettingError(f"{path}: {reason(error)}")):
        said = upgrade(parse_object(path.read_bytes()))
        for key in said:
            if key not in _KEYS:
                raise SettingError(unknown("part", key, _KEYS))
        read = said.get("input_format")
        return SavedConfig(
            RunConfig.from_dict(said.get("settings", {})),
            read and InputFormat.from_dict(read),
            said.get("made_with", {}),
        )


def write_config(path, config, input_format=None, made_with=None):
    """Writes a `config.json` that `read_config` reads.

    Args:
        path: the file.
        config: `RunConfig`.
        input_format: `dtf_keras.input_format.InputFormat` that the model reads, if a
            run has begun.
        made_with: JSON-able dict of backend, versions and corpus, likewise.
    """
    said = {"format": FORMAT, "settings": config.to_dict()}
    if input_format is not None:
        said["input_format"] = input_format.to_dict()
    if made_with is not None:
        said["made_with"] = made_with
    write_json(path, said)


def config_of(settings, number):
    """The `RunConfig` of settings that a preset's metadata keep.

    Args:
        settings: dict.
        number: of the format that they are in.

    Raises:
        SettingError: a newer format, or settings that cannot be.
    """
    said = {"format": number, "settings": settings}
    if number == 1:
        said = {**settings, "made_with": {}}
    return RunConfig.from_dict(upgrade(said)["settings"])
