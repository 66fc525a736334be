"""The presets of the mirror that `$DTF_KERAS_MIRROR` names, a zoo of someone's own."""

import pathlib

from dtf_keras.zoo import places
from dtf_keras.zoo.cache import cached_path, download
from dtf_keras.zoo.download import fetch_small
from dtf_keras.zoo.index import INDEX, parse_index, read_index
from dtf_keras.zoo.preset import read_preset
from dtf_keras.zoo.problems import DownloadError, PresetError
from dtf_keras.zoo.sources import WebFolder


def in_mirror(name, say=print):
    """The mirror's preset of that name, downloaded if need be; `None` if it has none.

    Raises:
        DownloadError: the mirror cannot be reached.
        PresetError: it is no zoo, or the preset is damaged.
    """
    entry = mirror_index().get(name)
    if entry is None:
        return None
    mirror = places.mirror()
    if isinstance(mirror, pathlib.Path):
        return read_preset(mirror / name)
    source = WebFolder(f"{mirror}/{name}")
    return download(cached_path("zoo", name), source, say, entry["metadata_sha256"])


def mirror_index():
    """The presets of the mirror: `{name: entry}`; none without a mirror.

    Raises:
        DownloadError, PresetError: as `in_mirror`.
    """
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
