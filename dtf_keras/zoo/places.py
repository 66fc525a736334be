"""Where presets are: the package's own, a mirror, and the cache of this machine."""

import os
import pathlib
import urllib.parse
import urllib.request

import dtf_keras

HOME, MIRROR = "DTF_KERAS_HOME", "DTF_KERAS_MIRROR"

_PACKAGE = pathlib.Path(dtf_keras.__file__).parent


def own_zoo():
    """The zoo that came with the package: in the wheel, or beside a checkout's code."""
    in_wheel = _PACKAGE / "_zoo"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / "zoo"


def cache_folder():
    """`$DTF_KERAS_HOME/presets`, else `~/.cache/dtf_keras/presets`."""
    home = os.environ.get(HOME) or "~/.cache/dtf_keras"
    return pathlib.Path(home).expanduser() / "presets"


def mirror():
    """What `$DTF_KERAS_MIRROR` names: a folder's path, an https URL, or `None`."""
    place = os.environ.get(MIRROR)
    if not place:
        return None
    return place.rstrip("/") if is_web(place) else local_path(place)


def is_web(place):
    """Whether a string is the address of a web server."""
    return str(place).startswith(("https://", "http://"))


def local_path(place):
    """The path that a string names, as such or as a `file://` URL."""
    place = str(place)
    if place.startswith("file://"):
        place = urllib.request.url2pathname(urllib.parse.urlsplit(place).path)
    return pathlib.Path(place).expanduser()
