"""From what a user calls a preset to its files on this machine."""

import os
import pathlib
import shutil
import warnings

from dtf_keras.files import write_folder_whole
from dtf_keras.words import printable, tell, unknown
from dtf_keras.zoo import places
from dtf_keras.zoo.cache import cached_path, download, read_cached
from dtf_keras.zoo.download import WebFolder, fetch_small
from dtf_keras.zoo.hub import HubRepository, is_repository, upload
from dtf_keras.zoo.index import INDEX, parse_index, read_index, write_index
from dtf_keras.zoo.preset import check_name, read_preset
from dtf_keras.zoo.problems import DownloadError, PresetError, UnknownPresetError


def find(preset, say=tell):
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
        mirrored = _in_mirror(address, say)
    except DownloadError as error:
        if address not in read_index(places.own_zoo()):
            raise
        warnings.warn(
            printable(f"Taking the package's own {address}, not the mirror's: {error}"),
            stacklevel=3,
        )
        mirrored = None
    return mirrored or _in_own_zoo(address)


def pull(preset, to=None, say=tell):
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


def push(preset, repository, private=False, api=None, say=tell):
    """Uploads a preset, so that others can `zoo.get(..., weights="hf://ORG/REPO")`.

    Its files are checked first, and nothing but them is uploaded.

    Args:
        preset: a path or name, as `find`.
        repository: "ORG/REPO"; made if it does not exist.
        private: whether a new repository is private.
        api: `huggingface_hub.HfApi`; by default one with the credentials that
            `hf auth login` keeps.
        say: function that shows a line of text.

    Returns:
        The address to give to `zoo.get`.

    Raises:
        PresetError: no such preset, a damaged one, or a repository without ORG/.
        DownloadError: `huggingface_hub` is not installed, or the hub does not take it.
    """
    if not is_repository(repository):
        raise PresetError(f"{repository!r} is not of the form ORG/REPO.")
    upload(find(preset, say), repository, private, api, say)
    return f"hf://{repository}"


def presets():
    """Names of the presets in the mirror, if there is one, and the package's own zoo.

    Raises:
        PresetError, DownloadError: the mirror has no index.
    """
    names = {*read_index(places.own_zoo()), *_mirror_index()}
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
    advice = (
        f"zoo.presets() lists them; a folder of that name is './{name}'; weights=None "
        "gives fresh weights."
    )
    raise UnknownPresetError(unknown("preset", name, names, advice))


def _in_mirror(name, say):
    """The mirror's preset of that name, downloaded if need be; `None` if it has none.

    Raises:
        DownloadError: the mirror cannot be reached.
        PresetError: it is no zoo, or the preset is damaged.
    """
    entry = _mirror_index().get(name)
    if entry is None:
        return None
    mirror = places.mirror()
    if isinstance(mirror, pathlib.Path):
        return read_preset(mirror / name)
    source = WebFolder(f"{mirror}/{name}")
    return download(cached_path("zoo", name), source, say, entry["metadata_sha256"])


def _mirror_index():
    """The presets of the mirror: `{name: entry}`; none without a mirror."""
    mirror = places.mirror()
    if mirror is None:
        return {}
    if not isinstance(mirror, pathlib.Path):
        where = f"{mirror}/{INDEX}"
        return parse_index(fetch_small(where), where)
    named = f"The mirror {mirror} that ${places.MIRROR} names"
    if not mirror.exists():
        raise DownloadError(f"{named} is not there.")
    if not (mirror / INDEX).is_file():
        raise PresetError(f"{named} has no {INDEX}.")
    return read_index(mirror)
