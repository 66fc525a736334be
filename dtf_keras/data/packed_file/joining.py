"""Joins shards that were packed apart: checks that all are there, whole, of one kind.

Nothing is copied: a large corpus would take its place on the disk twice, and a shard
that is lost later would no longer be one file that can be made again.
"""

import collections
import dataclasses
import json
import pathlib

from dtf_keras.data.batches.read_ahead import default_workers, read_ahead
from dtf_keras.data.packed_file.reading import (
    PackedCorpus,
    PackedFileError,
    about_corpus,
    packed_file,
)
from dtf_keras.data.packed_file.shards import (
    PACK,
    Joined,
    kept_checksum,
    numbers_of,
    pack_command,
    sha256_of,
    shard_path,
    write_index,
)
from dtf_keras.eta import Eta
from dtf_keras.words import tell

OF_THE_PLACE = ("root", "made", "command", "on_bad_clip", "h5py", "numpy")
"""Of what shards have come about with, what may differ between them."""


@dataclasses.dataclass(frozen=True)
class JoinedCorpus:
    """What was joined: `loaded_as` is the name by which the corpus was loaded."""

    about: PackedCorpus
    loaded_as: str
    num_shards: int
    num_bytes: int


@dataclasses.dataclass(frozen=True)
class _Packing:
    """How a shard was packed: `kind` is what all must have the same."""

    about: PackedCorpus
    kind: dict
    provenance: dict


def join(folder, say=tell):
    """Makes the shards in a folder one corpus, by an index beside them.

    Args:
        folder: in which `pack` put them.
        say: function that shows a line of text.

    Returns:
        `JoinedCorpus`.

    Raises:
        PackedFileError: there are none, or shards are missing, not finished, damaged or
            of another corpus or other settings than most; the sentence names them, and
            the commands that make them again.
        OSError: the index cannot be written, or a shard not be read.
    """
    folder = pathlib.Path(folder)
    paths = _paths(folder)
    shards, packings, wrong = _look_at_all(paths, say)
    if not shards:
        raise PackedFileError(
            f"{folder} cannot be joined ({_in_words(wrong)}): give the commands again "
            "by which these were packed."
        )
    kinds = collections.Counter(json.dumps(one.kind) for one in packings.values())
    kind, _ = kinds.most_common(1)[0]
    usual = next(p for p in packings.values() if json.dumps(p.kind) == kind)
    for path, packing in packings.items():
        keys = packing.kind | usual.kind
        other = [key for key in keys if packing.kind.get(key) != usual.kind.get(key)]
        if other:
            wrong[path] = f"to be removed, of another {' and '.join(other)} than most"
    command = usual.provenance.get("command", PACK)
    if wrong:
        raise PackedFileError(_how_to_mend(folder, paths, wrong, command))
    write_index(folder, command, [shards[path] for path in paths])
    num_bytes = sum(shard.bytes for shard in shards.values())
    loaded_as = usual.provenance.get("data", "packed")
    return JoinedCorpus(usual.about, loaded_as, len(shards), num_bytes)


def _paths(folder):
    """Where the shards of a folder are or should be, in their order."""
    found = [path.name.removesuffix(".part") for path in folder.glob("shard-*.h5*")]
    counts = {numbers_of(pathlib.Path(name)) for name in found} - {None}
    counts = sorted({count for _, count in counts})
    if not counts:
        raise PackedFileError(
            f"There are no shards in {folder}: pack them there with --shard first."
        )
    if len(counts) > 1:
        raise PackedFileError(
            f"{folder} has shards of several packings, into "
            f"{' and '.join(map(str, counts))}: remove those of all but one."
        )
    (count,) = counts
    return [shard_path(folder, f"{number}/{count}") for number in range(1, count + 1)]


def _look_at_all(paths, say):
    """Dicts by path: the `Joined`, the `_Packing`, and what is wrong with others."""
    shards, packings, wrong = {}, {}, {}
    workers, eta = default_workers(), Eta(len(paths), say)
    looks = read_ahead(_look_at, [(path,) for path in paths], workers, workers)
    for done, (path, look) in enumerate(zip(paths, looks, strict=True), start=1):
        if isinstance(look, str):
            wrong[path] = look
        else:
            shards[path], packings[path] = look
        eta(done, f"  checked {done}/{len(paths)} shards")
    return shards, packings, wrong


def _look_at(path):
    """The `Joined` and the `_Packing` of a shard, or what is wrong with it, a str."""
    if not path.is_file():
        unfinished = path.with_name(f"{path.name}.part").exists()
        return "not finished" if unfinished else "missing"
    checksum = sha256_of(path)
    if checksum != kept_checksum(path):
        return "damaged"
    try:
        with packed_file(path) as file:
            seal = file["seal"][()].tobytes().hex()
            packing = _packing(file, numbers_of(path))
    except (PackedFileError, ValueError, KeyError):
        return "to be removed, no shard that pack.py wrote"
    return Joined(path.name, path.stat().st_size, checksum, seal), packing


def _packing(file, numbers):
    about, shard = about_corpus(file), json.loads(file.attrs["shard"])
    if (shard["number"], shard["count"]) != numbers:
        raise ValueError("it has the name of another")
    provenance = json.loads(file.attrs["provenance"])
    kind = {
        "corpus": about.name,
        "clips": shard["whole"],
        "input format": about.input_format.to_dict(),
        "vocabulary": about.vocabulary.glosses,
        "augmentation": about.augmented,
        **{key: value for key, value in provenance.items() if key not in OF_THE_PLACE},
    }
    return _Packing(about, kind, provenance)


def _how_to_mend(folder, paths, wrong, command):
    commands = [
        pack_command(command, folder, "--shard", f"{number}/{len(paths)}")
        for number, path in enumerate(paths, start=1)
        if path in wrong
    ]
    told = f"{folder} cannot be joined ({_in_words(wrong)}): make these again by"
    return "\n".join([told, *commands])


def _in_words(wrong):
    told = collections.defaultdict(list)
    for path, why in wrong.items():
        told[why].append(path.name)
    return "; ".join(f"{why}: {', '.join(names)}" for why, names in told.items())
