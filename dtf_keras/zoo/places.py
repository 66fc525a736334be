"""Where presets are: the package's own, a mirror, and the cache of this machine."""

import os
import pathlib
import urllib.parse
import urllib.request

from dtf_keras import files
from dtf_keras.zoo.problems import PresetError

SCHEMES = ("https", "http", "file", "hf")
MIRROR = "DTF_KERAS_MIRROR"


def own_zoo():
    """The zoo that came with the package."""
    return files.own_zoo()


def downloads():
    """The folder of the presets that were downloaded."""
    return files.cache_folder() / "presets"


def mirror():
    """What `$DTF_KERAS_MIRROR` names: a folder's path, an https URL, or `None`.

    Raises:
        PresetError: an address that cannot be a mirror.
    """
    place = os.environ.get(MIRROR)
    if not place:
        return None
    if scheme_of(place) == "hf":
        raise PresetError(
            f"${MIRROR} is {place}, but a mirror is a folder or on a web server: "
            "https://... or file://..."
        )
    return place.rstrip("/") if is_web(place) else local_path(place)


def scheme_of(place):
    """The scheme of a string, in lower case; "" of a path or name.

    Raises:
        PresetError: a scheme that is not known here.
    """
    scheme, is_address, _ = str(place).partition("://")
    if not is_address:
        return ""
    if scheme.lower() not in SCHEMES:
        known = ", ".join(f"{one}://" for one in SCHEMES)
        raise PresetError(f"{place}: {scheme}:// is not known here; known are {known}.")
    return scheme.lower()


def is_web(place):
    """Whether a string is the address of a web server."""
    return scheme_of(place) in ("https", "http")


def local_path(place):
    """The path that a string names, as such or as a `file://` URL."""
    place = str(place)
    if scheme_of(place) == "file":
        place = urllib.request.url2pathname(urllib.parse.urlsplit(place).path)
    return pathlib.Path(place).expanduser()
