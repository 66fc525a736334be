"""A folder of packed files that are read as one corpus.

`shard-03-of-16.h5` is a packed file with the third of sixteen parts of each split, and
`shard-03-of-16.h5.sha256` its checksum, as `sha256sum` writes it. When all are there
they are joined: `shards.json` says which files they are, so that one that is lost or
changed later has a name. Clips come in the order of the shards, which is that of the
corpus.
"""

import dataclasses
import hashlib
import pathlib
import re
import shlex

from dtf_keras.data.packed_file.reading import (
    PackedFileError,
    about_corpus,
    packed_file,
    read_clips,
    require_split,
    splits_of,
)
from dtf_keras.data.shard import shard_numbers
from dtf_keras.files import write_json, write_text
from dtf_keras.json_text import parse_object

INDEX = "shards.json"
FORMAT = "dtf_keras joined shards 1"
PACK = "python scripts/pack.py"
_NAME = re.compile(r"shard-([0-9]+)-of-([0-9]+)\.h5")


@dataclasses.dataclass(frozen=True)
class Joined:
    """A shard as the index has it."""

    file: str
    bytes: int
    sha256: str
    seal: str
    """Of its tables, hexadecimal."""


def shard_path(folder, shard):
    """The file of a shard.

    Args:
        folder: of the shards.
        shard: str, such as "3/16".

    Raises:
        ValueError: there is no such shard.
    """
    number, count = shard_numbers(shard)
    width = max(len(str(count)), 2)
    return pathlib.Path(folder) / f"shard-{number:0{width}}-of-{count:0{width}}.h5"


def numbers_of(path):
    """`(K, N)` of the file of a shard, None of another file."""
    found = _NAME.fullmatch(path.name)
    return found and tuple(map(int, found.groups()))


def is_packed(path):
    """Whether a path is a packed file or a folder of shards, not of a release."""
    if path.is_file() or (path / INDEX).is_file():
        return True
    return any(map(numbers_of, path.glob("shard-*-of-*.h5")))


def sha256_of(path):
    """The checksum of a file, hexadecimal; reads all of it."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_checksum(path, checksum):
    """Writes the checksum of a file beside it."""
    write_text(_checksum_path(path), f"{checksum}  {path.name}\n")


def kept_checksum(path):
    """The checksum that is kept beside a file, None if there is none."""
    try:
        return _checksum_path(path).read_text(encoding="utf-8").split()[0]
    except (FileNotFoundError, UnicodeDecodeError, IndexError):
        return None


def _checksum_path(path):
    return pathlib.Path(f"{path}.sha256")


def pack_command(command, folder, *more):
    """The command that packs a shard into a folder or joins those in it."""
    return shlex.join([*shlex.split(command), "--out", str(folder), *more])


def write_index(folder, command, shards):
    """Writes the index of a folder.

    Args:
        folder: the folder.
        command: str, by which shards are packed, without `--out` and `--shard`.
        shards: list of `Joined`, all of them in their order.
    """
    told = [dataclasses.asdict(shard) for shard in shards]
    write_json(folder / INDEX, {"format": FORMAT, "command": command, "shards": told})


def read_shards(folder, split):
    """As `read_tables`, of a folder of shards that are joined.

    Raises:
        PackedFileError: they are not joined, or one is not there, damaged or another
            than was joined; the sentence names it and the command that makes it again.
        OSError: another process has one, or the operating system does not give it.
    """
    command, shards = _read_index(folder)
    splits, clips = set(), []
    for place, shard in enumerate(shards, start=1):
        path = folder / shard.file
        again = pack_command(command, folder, "--shard", f"{place}/{len(shards)}")
        mend = f"Make it again: {again}, then join again: {_join_command(folder)}"
        _require_as_joined(path, shard, mend)
        try:
            seal, about, found, part = _read_shard(path, split)
        except PackedFileError as error:
            raise PackedFileError(f"The shard {path} is damaged. {mend}") from error
        if seal != shard.seal:
            raise _another(path, mend)
        splits.update(found)
        clips += part
    require_split(folder, split, sorted(splits))
    return about, clips


def _read_shard(path, split):
    """The seal of a shard, its `PackedCorpus`, its splits and its clips of one."""
    with packed_file(path) as file:
        splits = splits_of(file)
        clips = read_clips(path, file[split]) if split in splits else []
        return file["seal"][()].tobytes().hex(), about_corpus(file), splits, clips


def mend_of(folder):
    """What to do when frames in a folder of shards are found to be damaged."""
    return f"Which shards are, and how each is made again, says {_join_command(folder)}"


def _join_command(folder):
    return pack_command(PACK, folder, "--join")


def _require_as_joined(path, shard, mend):
    if not path.is_file():
        raise PackedFileError(f"The shard {path} is not there. {mend}")
    if path.stat().st_size != shard.bytes:
        raise _another(path, mend)


def _another(path, mend):
    return PackedFileError(f"The shard {path} is not the one that was joined. {mend}")


def _read_index(folder):
    """The command and the shards in the index of a folder.

    Raises:
        PackedFileError: there is none, or it is damaged.
    """
    path = folder / INDEX
    if not path.is_file():
        raise PackedFileError(
            f"The shards in {folder} are not joined: {_join_command(folder)}"
        )
    try:
        told = parse_object(path.read_bytes())
        if told["format"] != FORMAT:
            raise ValueError(f"it is no {FORMAT}")
        shards = [Joined(**shard) for shard in told["shards"]]
        places = [f"{number}/{len(shards)}" for number in range(1, len(shards) + 1)]
        names = [shard_path(folder, place).name for place in places]
        if [shard.file for shard in shards] != names or not names:
            raise ValueError("it does not name all shards")
        shlex.split(told["command"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackedFileError(
            f"{path} is damaged ({error}): join again: {_join_command(folder)}"
        ) from error
    return told["command"], shards
