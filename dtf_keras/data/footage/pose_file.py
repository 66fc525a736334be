"""Landmarks that another program found, in a `.pose` file."""

import importlib.util
import pathlib

import numpy as np

from dtf_keras.damage import damage_as
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.landmarks import NUM_POINTS, WRIST, HandLandmarks, LandmarkError

SURE = 0.1  # confidence below which OpenPose guesses; MediaPipe's is 0 or 1


class PoseFile:
    """A `.pose` file with a hand in it: of MediaPipe, OpenPose or COCO-WholeBody.

    Formats 0.0 to 0.2 are read. Whatever else it has, a component of 21 points whose
    name says "hand" and "left" or "right" is a hand: these programs order the points
    alike. The right hand is read, or the left one where that alone signs: it is seen
    more than twice as often. Of several people it is the one whose hand is seen most.

    Args:
        path: the file.

    Raises:
        ModuleNotFoundError: pose-format is not installed.
    """

    def __init__(self, path):
        if importlib.util.find_spec("pose_format") is None:
            raise ModuleNotFoundError(
                f"{path} is a .pose file, and reading it needs pose-format, which is "
                'not installed: pip install "dtf_keras[camera]"'
            )
        self.path = pathlib.Path(path)

    def fingerprint(self):
        """Another string when the file changes; reads none of it."""
        if not self.path.is_file():
            raise FootageError(f"there is no file {self.path}")
        state = self.path.stat()
        return f"{state.st_size}-{state.st_mtime_ns}"

    def landmarks(self, mirrored=False):
        """The `HandLandmarks` of the hand that signs.

        Args:
            mirrored: whether the file was made of pictures in which left and right are
                exchanged: the hand that looks like a left one is then the right one.

        Raises:
            FootageError: no such file, one that is damaged, or without a hand.
        """
        with damage_as(self._damaged, FootageError, of_system=True):
            return self._landmarks(mirrored)

    def _landmarks(self, mirrored):
        header, body = self._read()
        hands = _hands(header.components)
        if not hands:
            raise FootageError(f"{self.path} has no hand: {_what_it_has(header)}")
        confidence = np.asarray(body.confidence)
        seen = {side: (confidence[..., start] > SURE) for side, start in hands.items()}
        counts = {side: one.sum(axis=0) for side, one in seen.items()}
        person = int(np.argmax(np.max(list(counts.values()), axis=0)))
        usual, other = ("left", "right") if mirrored else ("right", "left")
        often = {side: counts[side][person] if side in counts else 0 for side in seen}
        hand = other if often.get(other, 0) > 2 * often.get(usual, 0) else usual
        chosen = slice(hands.get(hand, 0), hands.get(hand, 0) + NUM_POINTS)
        if not often.get(hand):
            raise FootageError(
                f"{self.path} has {' and '.join(map(_in_words, hands))}, but "
                "no frame in which one was seen"
            )
        points = np.ma.getdata(body.data)[:, person, chosen, :2].astype("float64")
        points[confidence[:, person, chosen] <= SURE] = np.nan
        try:
            return HandLandmarks(points, frame_rate=body.fps, hand=hand)
        except LandmarkError as error:
            raise FootageError(f"{self.path}: {error}") from error

    def _read(self):
        from pose_format import Pose
        from pose_format.numpy import NumPyPoseBody

        self.fingerprint()
        pose = Pose.read(self.path.read_bytes(), NumPyPoseBody)
        if not (len(pose.body.data) and pose.body.data.shape[1] and pose.body.fps > 0):
            raise FootageError(f"{self.path} has no frames, no people or no frame rate")
        return pose.header, pose.body

    def _damaged(self, error):
        if isinstance(error, NotImplementedError):
            return FootageError(
                f"{self.path} is of a format that pose-format does not know ({error})"
            )
        return FootageError(f"{self.path} is no .pose file, or a damaged one")


def _hands(components):
    """Where the points of each hand begin: `{"left" or "right": place}`."""
    places, start = {}, 0
    for component in components:
        name = component.name.lower()
        sides = [side for side in ("left", "right") if side in name]
        is_hand = "hand" in name and "world" not in name and len(sides) == 1
        if is_hand and len(component.points) == NUM_POINTS:
            places[sides[0]] = start + WRIST
        start += len(component.points)
    return places


def _what_it_has(header):
    has = ", ".join(f"{c.name} ({len(c.points)} points)" for c in header.components)
    return (
        f"it has {has or 'no components'}; needed is one of {NUM_POINTS} points in the "
        "order of MediaPipe's or OpenPose's hands, named a left or right hand"
    )


def _in_words(side):
    return f"a {side} hand"
