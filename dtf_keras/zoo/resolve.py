"""From what a user calls a preset to its files on this machine."""

import os
import pathlib
import shutil
import warnings

from dtf_keras.files import write_folder_whole
from dtf_keras.zoo import places
from dtf_keras.zoo.cache import cached_path, download, read_cached
from dtf_keras.zoo.index import read_index, write_index
from dtf_keras.zoo.mirror import in_mirror, mirror_index
from dtf_keras.zoo.preset import check_name, read_preset
from dtf_keras.zoo.problems import DownloadError, PresetError, UnknownPresetError
from dtf_keras.zoo.sources import HubRepository, WebFolder


def find(preset, say=print):
    """The preset that a user means, downloaded if need be.

    Args:
        preset: a name (looked for in the cache, then in the mirror that
            `$DTF_KERAS_MIRROR` names, then in the package's own zoo; the latter with a
            warning where the mirror cannot be reached), the path of a
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
    if places.scheme_of(address) == "hf":
        return _get("hub", address, HubRepository, say)
    if places.is_web(address):
        return _get("web", address, WebFolder, say)
    if isinstance(preset, pathlib.Path) or _is_path(address):
        return read_preset(places.local_path(address))
    check_name(address)
    cached = read_cached(cached_path("zoo", address))
    if cached:
        return cached
    try:
        mirrored = in_mirror(address, say)
    except DownloadError as error:
        if address not in read_index(places.own_zoo()):
            raise
        warnings.warn(
            f"Taking the package's own {address}, not the mirror's: {error}",
            stacklevel=3,
        )
        mirrored = None
    return mirrored or _in_own_zoo(address)


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
    names = {*read_index(places.own_zoo()), *mirror_index()}
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
