"""The folder of a preset: its files, and reading them back."""

import dataclasses
import hashlib
import pathlib
import re

from dtf_keras.damage import damage_as, reason
from dtf_keras.data import Vocabulary
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.json_text import parse_object
from dtf_keras.words import quoted
from dtf_keras.zoo.problems import HashMismatchError, PresetError
from dtf_keras.zoo.upgrade import upgrade

CONFIG, GLOSSES, WEIGHTS = "config.json", "glosses.txt", "model.weights.h5"
METADATA, CARD = "metadata.json", "README.md"

_LISTED = {CONFIG, GLOSSES, WEIGHTS, CARD}  # what metadata.json may list
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Preset:
    """A preset whose files are here and are those that its metadata lists."""

    path: pathlib.Path
    """Its folder."""
    metadata: dict
    """Content of `metadata.json`, in today's format."""
    config: dict
    """Content of `config.json`, in today's format: model, options, input, and a decoder
    if it has its own."""
    input_format: InputFormat
    """What it reads."""
    glosses: tuple[str, ...] | None
    """Names of classes 1 .. V-1; `None` if nobody recorded them."""
    decoder: DecoderOptions | None
    """How its glosses are read off where nobody says how; `None`: greedily."""

    @property
    def name(self):
        return self.metadata["name"]

    @property
    def model(self):
        """Name of its model in the zoo."""
        return self.config["model"]

    @property
    def weights(self):
        """Path of its weights file."""
        return self.path / WEIGHTS

    @property
    def files(self):
        """Names of all its files, sorted."""
        return sorted([METADATA, *self.metadata["files"]])

    @property
    def num_bytes(self):
        """Size of all its files but `metadata.json`, bytes."""
        return sum(facts["bytes"] for facts in self.metadata["files"].values())


def read_preset(path):
    """Reads a preset folder and checks every file in it.

    Args:
        path: the folder.

    Returns:
        `Preset`.

    Raises:
        PresetError: it is not a preset, a file is missing, or is not the one that
            `metadata.json` lists (`HashMismatchError`).
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise PresetError(f"There is no folder {str(path)!r}: give that of a preset.")
    if not (path / METADATA).is_file():
        raise PresetError(
            f"{path} is not the folder of a preset, it has no {METADATA}: "
            "zoo.save_preset and preset.py write such folders."
        )
    metadata = parse_metadata((path / METADATA).read_bytes(), path / METADATA)
    for name, facts in metadata["files"].items():
        if not (path / name).is_file():
            raise PresetError(f"{path} lacks the file {name} that {METADATA} lists.")
        advice = "Get the preset again, or make it anew."
        check_file(path / name, facts["sha256"], advice)
    with damage_as(lambda error: unsound(path, error), PresetError):
        config = upgrade(parse_object((path / CONFIG).read_bytes()), path / CONFIG)
        glosses = None
        if GLOSSES in metadata["files"]:
            glosses = Vocabulary.from_file(path / GLOSSES).glosses
        if not isinstance(config["options"], dict):
            raise PresetError(f"{path / CONFIG}: its options are no JSON object.")
        reads = InputFormat.from_dict(config["input"])
        decoder = None
        if "decoder" in config:
            decoder = DecoderOptions.from_dict(config["decoder"])
            decoder.check()
        same_model = config["model"] == metadata["model"]
    if not same_model:
        raise PresetError(f"{path}: {CONFIG} and {METADATA} name different models.")
    return Preset(path, metadata, config, reads, glosses, decoder)


def unsound(path, error):
    """The `PresetError` of a folder whose files say what no preset does."""
    return PresetError(f"{path} is not a sound preset: {reason(error)}.")


def parse_metadata(content, where):
    """The dict in the bytes of a `metadata.json`, checked and in today's format.

    Raises:
        PresetError: it is something else, or of a format this version cannot read.
    """

    def no_metadata(error):
        return PresetError(
            f"{where} is not the metadata of a preset ({reason(error)})."
        )

    with damage_as(no_metadata, PresetError):
        metadata = upgrade(parse_object(content), where)
        files = metadata["files"]
        check_name(metadata["name"])
        sound = {CONFIG, WEIGHTS} <= files.keys() <= _LISTED and all(
            _SHA256.fullmatch(facts["sha256"]) and int(facts["bytes"]) >= 0
            for facts in files.values()
        )
    if not sound:
        raise PresetError(f"{where} lists other files than those of a preset.")
    return metadata


def check_name(name):
    """Checks that a preset's name can be that of a folder anywhere.

    Raises:
        PresetError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise PresetError(
            f"{quoted(name)} cannot name a preset: take letters, digits, '.', '_' and "
            "'-'."
        )


def check_file(path, expected, advice):
    """Checks the sha256 of a file.

    Raises:
        HashMismatchError: it is another one; ends with `advice`.
    """
    got = sha256(path)
    if got != expected:
        raise HashMismatchError(path, f"sha256 {expected}", got, advice)


def sha256(path):
    """The sha256 of a file, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
