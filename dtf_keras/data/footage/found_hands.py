"""The hand that signs in a clip of any kind, and what was found before kept."""

import dataclasses
import hashlib
import os
import warnings

import numpy as np

from dtf_keras.damage import damage_as
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.landmark_table import LandmarkSequence
from dtf_keras.data.footage.pose_file import PoseFile
from dtf_keras.eta import Eta, clock, silent
from dtf_keras.files import cache_folder, say_not_kept, set_aside, write_whole
from dtf_keras.landmarks import NUM_POINTS, HandFinder, HandLandmarks, finder_version

LONGEST = 1280  # pixels of the longer side of the pictures that are looked at
APART = 0.03  # seconds between two of them at least: more say nothing more
KEPT_AS = 2  # raise it when other things are kept


@dataclasses.dataclass(frozen=True)
class FoundHand:
    """The hand that signs, found in the pictures of a clip.

    Attributes:
        times: float `[N]`, seconds of the pictures that were looked at.
        points: float32 `[N, 21, 2]`, pixels, of a right hand; NaN where none was seen.
        mirrored_in: float32 `[N]`, the width in pixels of each picture in which it is a
            left hand, so that its points were mirrored; NaN of a right one.
    """

    times: np.ndarray
    points: np.ndarray
    mirrored_in: np.ndarray

    @property
    def in_pictures(self):
        """Where the hand is in the pictures: `[N, 21, 2]`, pixels."""
        points, width = self.points.copy(), self.mirrored_in[:, None]
        x = points[..., 0]
        points[..., 0] = np.where(np.isnan(width), x, width - x)
        return points


def hand_of(footage, mirrored=False, cache_dir=None, say=silent):
    """The `HandLandmarks` of a clip.

    Args:
        footage: `Video`, `FrameFolder`, `FrameArray`, `PoseFile`, `LandmarkSequence`
            or `HandLandmarks`.
        mirrored, cache_dir, say: as `find_hand` takes them.

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
    found = find_hand(footage, mirrored, cache_dir, say)
    return HandLandmarks(found.points, times=found.times)


def find_hand(footage, mirrored=False, cache_dir=None, say=silent):
    """The hand that signs in the pictures of a clip, as `HandFinder` finds it.

    It is kept in the cache by the content of the clip: nothing is written beside the
    user's files.

    Args:
        footage: `Video`, `FrameFolder` or `FrameArray`.
        mirrored: whether it shows left and right exchanged.
        cache_dir: folder that remembers, see `dtf_keras.files.cache_folder`.
        say: function that shows a line of text.

    Returns:
        `FoundHand`.

    Raises:
        FootageError: it cannot be read, or no hand is seen.
        ModuleNotFoundError: MediaPipe is not installed.
    """
    name = hashlib.sha256(
        f"{KEPT_AS} {finder_version()} {LONGEST} {APART} {mirrored} "
        f"{footage.content()}".encode()
    ).hexdigest()
    path = cache_folder(cache_dir) / "hands" / f"{name}.npz"
    found = _kept(path)
    if found is None:
        found = _find(footage, mirrored, say)
        _keep(path, found, say)
    if np.isnan(found.points).all():
        raise FootageError(
            f"no hand is seen in any of the {len(found.times)} frames that were looked "
            "at: film the hand that signs as a whole, in good light"
        )
    return found


def looked_at(footage, mirrored=False):
    """The pictures of a clip in which `find_hand` looks for hands.

    Args:
        footage, mirrored: as `find_hand` takes them.

    Yields:
        Seconds since the first one, and uint8 `[H, W, 3]`, RGB.

    Raises:
        FootageError: it cannot be read.
    """
    last = None
    for time, frame in footage.timed(LONGEST):
        if last is None or time - last >= APART:
            last = time
            yield time, frame[:, ::-1] if mirrored else frame


def _find(footage, mirrored, say):
    times, points, mirrored_in = [], [], []
    seconds = footage.seconds()
    with HandFinder() as finder:
        eta = Eta(seconds, say) if seconds else None
        for time, frame in looked_at(footage, mirrored):
            hand = finder.find(frame, time)
            times.append(time)
            points.append(np.full((NUM_POINTS, 2), np.nan) if hand is None else hand)
            mirrored_in.append(frame.shape[1] if finder.left else np.nan)
            if eta and time:
                looked = f"{clock(time)} of {clock(seconds)}"
                eta(min(time, seconds), f"  looked for the hand in {looked}")
    if not times:
        raise FootageError("the clip has no frame")
    return FoundHand(
        np.array(times),
        np.stack(points).astype("float32"),
        np.array(mirrored_in, "float32"),
    )


def _kept(path):
    if not os.path.isfile(path):
        return None
    try:
        with damage_as(ValueError), np.load(path) as kept:
            found = FoundHand(**kept)
            num = len(found.times)
            shapes = (num,), (num, NUM_POINTS, 2), (num,)
            if tuple(one.shape for one in dataclasses.astuple(found)) != shapes:
                raise ValueError("arrays of other shapes")
            return found
    except OSError:
        return None  # not kept: whatever is there stays
    except ValueError:
        kept = set_aside(path)
        warnings.warn(f"{path} is damaged: kept as {kept} and made anew.", stacklevel=2)
        return None


def _keep(path, found, say):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda part: np.savez(part, **dataclasses.asdict(found)))
    except OSError as error:
        say_not_kept(path.parent.parent, error, say)
