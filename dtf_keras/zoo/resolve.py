"""From what a user calls a preset to its files on this machine."""

import os
import pathlib
import shutil

from dtf_keras.files import write_folder_whole
from dtf_keras.zoo import places
from dtf_keras.zoo.cache import cached_path, download, read_cached
from dtf_keras.zoo.download import fetch_small
from dtf_keras.zoo.index import INDEX, parse_index, read_index, write_index
from dtf_keras.zoo.preset import check_name, read_preset
from dtf_keras.zoo.problems import PresetError, UnknownPresetError
from dtf_keras.zoo.sources import HubRepository, WebFolder


def find(preset, say=print):
    """The preset that a user means, downloaded if need be.

    Args:
        preset: a name (looked for in the cache, then in the mirror that
            `$DTF_KERAS_MIRROR` names, then in the package's own zoo), the path of a
            folder (a `pathlib.Path`, or a string with a separator in it), `file://...`,
            `https://...` of a folder, or `hf://ORG/REPO[@REVISION]`.
        say: function that shows a line of text.

    Returns:
        `Preset`, its files checked.

    Raises:
        PresetError: there is none, or it is damaged.
        DownloadError: it cannot be downloaded.
    """
    address = os.fspath(preset)
    if address.startswith("hf://"):
        return _get("hub", address, HubRepository, say)
    if places.is_web(address):
        return _get("web", address, WebFolder, say)
    if isinstance(preset, pathlib.Path) or _is_path(address):
        return read_preset(places.local_path(address))
    check_name(address)
    return (
        read_cached(cached_path("zoo", address))
        or _in_mirror(address, say)
        or _in_own_zoo(address)
    )


def pull(preset, to=None, say=print):
    """Brings a preset onto this machine, so that `zoo.get` works offline.

    Args:
        preset: as `find`.
        to: a folder; the preset is copied into it, under its own name, and the folder
            gets an `index.json`, which makes it a zoo (`verify`, `$DTF_KERAS_MIRROR`).
            The same copy may be there already.
        say: function that shows a line of text.

    Returns:
        Path of the preset's folder.

    Raises:
        PresetError, DownloadError: as `find`; also another preset in `to` that is
            damaged, or an `index.json` there that is no zoo's.
        FileExistsError: there is something else where the copy would be.
    """
    found = find(preset, say)
    if to is None:
        return found.path
    read_index(to)  # What is no zoo's index is not written over.
    target = pathlib.Path(to) / found.name
    if not _is_copy(target, found):
        write_folder_whole(target, lambda part: _copy(found, part))
    write_index(to)
    return target


def presets():
    """Names of the presets in the mirror, if there is one, and the package's own zoo.

    Raises:
        PresetError, DownloadError: the mirror has no index.
    """
    names = {*read_index(places.own_zoo())}
    if places.mirror():
        names |= {*_mirror_index(places.mirror())}
    return sorted(names, key=lambda name: (name.partition("_v")[0], len(name), name))


def _is_copy(path, preset):
    try:
        return read_preset(path).metadata == preset.metadata
    except PresetError:
        return False


def _copy(preset, folder):
    for name in preset.files:
        shutil.copy(preset.path / name, folder)


def _is_path(address):
    separators = {"/", os.sep} | ({os.altsep} if os.altsep else set())
    return any(s in address for s in separators) or address.startswith((".", "~"))


def _get(kind, address, source, say):
    path = cached_path(kind, address)
    return read_cached(path) or download(path, source(address), say)


def _in_mirror(name, say):
    mirror = places.mirror()
    if mirror is None:
        return None
    entry = _mirror_index(mirror).get(name)
    if entry is None:
        return None
    if isinstance(mirror, pathlib.Path):
        return read_preset(mirror / name)
    source = WebFolder(f"{mirror}/{name}")
    return download(cached_path("zoo", name), source, say, entry["metadata_sha256"])


def _mirror_index(mirror):
    where = f"{mirror}/{INDEX}"
    if not isinstance(mirror, pathlib.Path):
        return parse_index(fetch_small(where), where)
    if not (mirror / INDEX).is_file():
        raise PresetError(
            f"The mirror {mirror} that ${places.MIRROR} names has no {INDEX}."
        )
    return read_index(mirror)


def _in_own_zoo(name):
    zoo = places.own_zoo()
    names = read_index(zoo)
    if name in names:
        return read_preset(zoo / name)
    raise UnknownPresetError(
        name,
        names,
        f"zoo.presets() lists them; a folder of that name is './{name}'; weights=None "
        "gives fresh weights.",
    )
