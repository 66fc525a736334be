"""The letters as they were signed: recordings of spoken-to-signed, cut to the sign.

`spoken-to-signed` (MIT) carries MediaPipe-holistic landmarks of people spelling the
alphabets of 20 sign languages. Seven of them agree well enough to be one alphabet.
`fsl` is left out because its files are those of `ase`, `gss` because its landmarks are
broken, `cse`, `csq` and `tsm` because they spell with two hands. Of six more, whose
alphabets are others, the hands serve where they show one of these letters.
"""

import csv
import dataclasses
import functools
import hashlib
import importlib.util
import pathlib

import numpy as np
from scipy.optimize import minimize_scalar

from dtf_keras.landmarks.points import FINGERS, WRIST

LANGUAGES = ("ase", "asq", "gsg", "ise", "sgg", "mfs", "bzs")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OTHERS = ("eso", "lls", "psr", "ssp", "svk", "swl")
STROKES = "JZ"  # letters that are a movement
FRAME_RATE = 25.0

LEFT_HANDED = ("ise",)
HAND = slice(0, 21)  # MediaPipe's order: wrist, then 4 points a finger, thumb first
NOSE, NEAR_EAR, FAR_EAR, NEAR_SHOULDER, FAR_SHOULDER, ELBOW = range(21, 27)
NUM_HAND_POINTS, NUM_POINTS = 21, 27

# The files of spoken-to-signed 0.4.0. Others would silently be another corpus.
RECORDINGS_SHA256 = "6ef55f04cede74493971701e3ecb71676371928d4cc7c0f5067f61020d183f10"

OTHERS_SHA256 = "8d8b80fd7c606c68987f7746889f0347c0fac7a44c766b219ce179d9960b4989"

_INSTALL = 'pip install "dtf_keras[fingerspelling]"'
_HOLD = 0.4  # shoulder widths from the median place: the hand is elsewhere
_STROKE = 0.8  # shoulder widths below the top of a stroke: the hand is at rest
_TRAVEL = 0.05  # shoulder widths a frame: the hand is still being raised or lowered

_ROOTS = [root for finger in FINGERS for root in (WRIST, *finger[:-1])]
_BONES = [point for finger in FINGERS for point in finger]


def lexicon_folder():
    """The folder of the installed recordings, found without importing the package.

    Raises:
        ModuleNotFoundError: spoken-to-signed or its pose-format is not installed.
    """
    for module in ("spoken_to_signed", "pose_format"):
        require(module, "The fingerspelling corpus")
    spec = importlib.util.find_spec("spoken_to_signed")
    package = pathlib.Path(spec.submodule_search_locations[0])
    return package / "assets" / "fingerspelling_lexicon"


def require(module, what):
    """Raises ModuleNotFoundError unless `module`, which `what` needs, is installed."""
    if importlib.util.find_spec(module) is None:
        raise ModuleNotFoundError(
            f"{what} needs {module}, which is not installed: {_INSTALL}"
        )


def recording_files(folder=None):
    """Maps `(language, letter)` to the path of its recording, in sorted order.

    Raises:
        FileNotFoundError: the index or one of the 182 recordings is missing.
    """
    folder, found = _index(folder)
    files = {}
    for key in sorted((lang, letter) for lang in LANGUAGES for letter in LETTERS):
        if key not in found or not found[key].is_file():
            raise FileNotFoundError(
                f"{folder} has no recording of the letter {key[1]} in {key[0]}; "
                f"install the recordings again: {_INSTALL}"
            )
        files[key] = found[key]
    return files


def _index(folder=None):
    """The folder of the recordings, and paths by `(language, letter)`."""
    folder = pathlib.Path(folder) if folder else lexicon_folder()
    index = folder / "index.csv"
    if not index.is_file():
        raise FileNotFoundError(
            f"{index} is missing; install the recordings again: {_INSTALL}"
        )
    with index.open(encoding="utf-8", newline="") as lines:
        return folder, {
            (row["signed_language"], row["words"]): folder / row["path"]
            for row in csv.DictReader(lines)
        }


@functools.cache
def load_recordings():
    """All letters as landmark tracks at 25 frames a second, read once a process.

    Returns:
        A dict of `(language, letter)` to float64 `[T, 27, 2]`: x to the right and y
        down in shoulder widths, from the middle of the shoulders, signed with the
        right hand.

    Raises:
        ModuleNotFoundError: spoken-to-signed is not installed.
        ValueError: the installed recordings are not those the corpus is made of.
    """
    return {
        key: track[first:last]
        for key, (track, first, last) in load_whole_recordings().items()
    }


def load_whole_recordings():
    """As `load_recordings`, from the first frame that shows a hand to the last.

    Returns:
        A dict of `(language, letter)` to a track and the first and last frame of the
        sign itself, `[first, last)`.

    Raises:
        As `load_recordings`.
    """
    return {
        key: (one.track, one.first, one.last)
        for key, one in _recorded_letters().items()
    }


@functools.cache
def load_hands():
    """The hands of all languages, `OTHERS` too, with depth.

    MediaPipe's depth has no unit of its own: it is scaled so that the bones of a
    person's hand keep their lengths from letter to letter as well as can be.

    Returns:
        A dict of `(language, letter)` to float64 `[T, 21, 3]`, shoulder widths, depth
        from the wrist away from the camera, and first and last frame of the sign.

    Raises:
        As `load_recordings`.
    """
    found = _recorded_letters() | _other_letters()
    hands = {}
    for language in (*LANGUAGES, *OTHERS):
        letters = {key: one for key, one in found.items() if key[0] == language}
        scale = _depth_scale(letters.values())
        for key, one in letters.items():
            depth = scale * one.depth[..., None]
            points = np.concatenate([one.track[:, HAND], depth], axis=-1)
            points.setflags(write=False)
            hands[key] = points, one.first, one.last
    return hands


def _depth_scale(letters):
    """By what depth is multiplied so that bones vary least in length."""
    held = []
    for one in letters:
        points = np.dstack([one.track[:, HAND], one.depth])
        held.append(np.median(points[one.first : one.last], axis=0))
    points = np.stack(held)
    bones = points[:, _BONES] - points[:, _ROOTS]

    def varying(scale):
        lengths = np.linalg.norm(bones * [1, 1, scale], axis=-1)
        return (lengths.std(axis=0) / lengths.mean(axis=0)).mean()

    best = minimize_scalar(varying, bounds=(0.1, 20), method="bounded")
    return round(float(best.x), 2)


@functools.cache
def _recorded_letters():
    return _read_letters(recording_files(), RECORDINGS_SHA256)


@functools.cache
def _other_letters():
    _, found = _index()
    keys = sorted((lang, letter) for lang in OTHERS for letter in LETTERS)
    return _read_letters(
        {key: found[key] for key in keys if key in found}, OTHERS_SHA256
    )


def _read_letters(files, sha256):
    digest = hashlib.sha256()
    letters = {}
    for (language, letter), path in files.items():
        content = path.read_bytes()
        digest.update(content)
        track, depth = _read(content, language in LEFT_HANDED)
        track.setflags(write=False)
        span = sign_span(track, letter in STROKES)
        letters[language, letter] = _Letter(track, depth, *span)
    if digest.hexdigest() != sha256:
        raise ValueError(
            f"The recordings in {lexicon_folder()} are not those of spoken-to-signed "
            f"0.4.0, of which this corpus is made: {_INSTALL}"
        )
    return letters


@dataclasses.dataclass(frozen=True)
class _Letter:
    track: np.ndarray  # [T, 27, 2], shoulder widths
    depth: np.ndarray  # [T, 21] from the wrist, in no known unit
    first: int
    last: int


def read_track(content, left_handed=False):
    """Reads the bytes of one `.pose` file into float64 `[T, 27, 2]` at 25 frames/s."""
    return _read(content, left_handed)[0]


def _read(content, left_handed):
    """The track of a `.pose` file, and the depth of the hand's points."""
    from pose_format import Pose
    from pose_format.numpy import NumPyPoseBody

    pose = Pose.read(content, NumPyPoseBody)
    near, far = ("LEFT", "RIGHT") if left_handed else ("RIGHT", "LEFT")
    component = f"{near}_HAND_LANDMARKS"
    names = next(c.points for c in pose.header.components if c.name == component)
    body = ["NOSE", f"{near}_EAR", f"{far}_EAR", f"{near}_SHOULDER"]
    body += [f"{far}_SHOULDER", f"{near}_ELBOW"]
    chosen = [pose.header.get_point_index(component, name) for name in names]
    chosen += [pose.header.get_point_index("POSE_LANDMARKS", name) for name in body]

    found = np.ma.getdata(pose.body.data)[:, 0, chosen].astype("float64")
    points, depth = found[..., :2], found[:, HAND, 2]
    depth = depth - depth[:, :1]
    if left_handed:
        points[..., 0] *= -1
    shoulders = points[:, [NEAR_SHOULDER, FAR_SHOULDER]]
    points -= np.median(shoulders.mean(axis=1), axis=0)
    points /= np.median(np.hypot(*(shoulders[:, 1] - shoulders[:, 0]).T))

    seen = np.flatnonzero(pose.body.confidence[:, 0, chosen[0]] > 0)
    source = seen / pose.body.fps
    count = int((source[-1] - source[0]) * FRAME_RATE + 1e-6) + 1
    wanted = source[0] + np.arange(count) / FRAME_RATE

    def resampled(values):
        columns = values[seen].reshape(len(seen), -1).T
        return np.stack([np.interp(wanted, source, one) for one in columns], axis=1)

    return resampled(points).reshape(count, NUM_POINTS, 2), resampled(depth)


def sign_span(track, stroke=False):
    """The frames `[first, last)` between raising the hand and lowering it again.

    Args:
        track: float `[T, 27, 2]`, shoulder widths.
        stroke: the letter is a movement: nothing between its two ends is away.

    Returns:
        `(first, last)`; of a letter that is held, only frames near the hold.
    """
    centre = track[:, HAND].mean(axis=1)
    height = -centre[:, 1]
    if stroke:
        near = np.flatnonzero(height >= height.max() - _STROKE)
        first, last = near[0], near[-1]
    else:
        distance = np.hypot(*(centre - np.median(centre, axis=0)).T)
        hold = distance.argmin()
        away = np.flatnonzero(distance > _HOLD)
        first = max(away[away < hold], default=-1) + 1
        last = min(away[away > hold], default=len(track)) - 1
    rise = np.diff(height)
    while first < last and rise[first] > _TRAVEL:
        first += 1
    while last > first and rise[last - 1] < -_TRAVEL:
        last -= 1
    return int(first), int(last) + 1
