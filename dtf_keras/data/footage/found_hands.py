"""The hand that signs in a clip of any kind, and what was found before kept."""

import hashlib
import warnings
import zipfile

import numpy as np

from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.landmark_table import LandmarkSequence
from dtf_keras.data.footage.pose_file import PoseFile
from dtf_keras.eta import Eta, clock
from dtf_keras.files import cache_folder, write_whole
from dtf_keras.landmarks import NUM_POINTS, HandFinder, HandLandmarks, finder_version

LONGEST = 1280  # pixels of the longer side of the pictures that are looked at
APART = 0.03  # seconds between two of them at least: more say nothing more


def silent(line):
    """Shows a line of text to nobody."""


def hand_of(footage, mirrored=False, cache_dir=None, say=silent):
    """The `HandLandmarks` of a clip.

    Of pictures they are found by `HandFinder`, and kept in the cache by the content of
    the clip: nothing is written beside the user's files.

    Args:
        footage: `Video`, `FrameFolder`, `FrameArray`, `PoseFile`, `LandmarkSequence`
            or `HandLandmarks`.
        mirrored: whether it shows left and right exchanged.
        cache_dir: folder that remembers, see `dtf_keras.files.cache_folder`.
        say: function that shows a line of text.

    Raises:
        FootageError: it cannot be read, or no hand is seen.
        ModuleNotFoundError: MediaPipe is not installed.
    """
    if isinstance(footage, LandmarkSequence):
        footage = footage.landmarks()
    if isinstance(footage, HandLandmarks):
        if mirrored:
            raise FootageError(
                "it is made of landmarks: say that they are mirrored with "
                "HandLandmarks(..., mirrored=True)"
            )
        return footage
    if isinstance(footage, PoseFile):
        return footage.landmarks(mirrored)
    name = hashlib.sha256(
        f"{finder_version()} {LONGEST} {APART} {mirrored} {footage.content()}".encode()
    ).hexdigest()
    path = cache_folder(cache_dir) / "hands" / f"{name}.npz"
    found = _kept(path)
    if found is None:
        found = _find(footage, mirrored, say)
        _keep(path, found, say)
    times, points = found
    if np.isnan(points).all():
        raise FootageError(
            f"no hand is seen in any of the {len(points)} frames that were looked at: "
            "film the hand that signs as a whole, in good light"
        )
    return HandLandmarks(points, times=times)


def _find(footage, mirrored, say):
    times, points = [], []
    seconds = footage.seconds()
    with HandFinder(mirrored) as finder:
        eta = Eta(seconds, say) if seconds else None
        for time, frame in footage.timed(LONGEST):
            if times and time - times[-1] < APART:
                continue
            hand = finder.find(frame, time)
            times.append(time)
            points.append(np.full((NUM_POINTS, 2), np.nan) if hand is None else hand)
            if eta and time:
                looked = f"{clock(time)} of {clock(seconds)}"
                eta(min(time, seconds), f"  looked for the hand in {looked}")
    if not times:
        raise FootageError("the clip has no frame")
    return np.array(times), np.stack(points).astype("float32")


def _kept(path):
    if not path.is_file():
        return None
    try:
        with np.load(path) as kept:
            return kept["times"], kept["points"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        warnings.warn(f"{path} is damaged and made anew.", stacklevel=2)
        return None


def _keep(path, found, say):
    times, points = found
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda part: np.savez(part, times=times, points=points))
    except OSError as error:
        say(
            f"The hands that were found cannot be kept in {path.parent} "
            f"({error.strerror or error}); next time they are looked for again."
        )
