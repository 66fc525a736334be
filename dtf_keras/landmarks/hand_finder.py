"""Hands found in pictures, by MediaPipe, on this machine."""

import contextlib
import functools
import importlib.metadata
import importlib.util

import numpy as np

from dtf_keras import quiet_tensorflow
from dtf_keras.landmarks.hand_landmarks import LandmarkError
from dtf_keras.landmarks.model_file import SHA256, hand_model
from dtf_keras.landmarks.points import NUM_POINTS
from dtf_keras.landmarks.signing_hand import SeenHand, SigningHand
from dtf_keras.stderr_lines import held_back

MOST_HANDS = 4
SYSTEM = "libgl1, libgles2, libegl1 and libglib2.0-0"
NOTES = quiet_tensorflow.NOTES + (  # MediaPipe's own, whatever it is asked for
    rb"|INFO: Created TensorFlow Lite XNNPACK delegate"
    rb"|W\d{4} .*(inference_feedback_manager|landmark_projection_calculator)\.cc"
)
FOUND_AS = 1  # raise it when the same pictures give other points


class HandFinder:
    """Finds the hand that signs in the pictures of a video, one after the other.

    Of several hands, of one person or more, it is the one that is held up and near the
    camera. It is followed, so a finder is for one video. Nothing leaves the machine.

    Example:

    >>> with HandFinder() as finder:
    ...     points = [finder.find(frame, n / 25) for n, frame in enumerate(frames)]

    Args:
        mirrored: whether the pictures show left and right exchanged, as in a mirror.

    Raises:
        ModuleNotFoundError: MediaPipe, or a library that it needs, is not installed.
        LandmarkError: the model file is missing or another one.
    """

    def __init__(self, mirrored=False):
        require_mediapipe("Finding hands in pictures")
        self._mirrored = mirrored
        with held_back(NOTES):
            self._landmarker = _landmarker(hand_model())
        self._choice = SigningHand()
        self._last = -1

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """Frees what the finder holds."""
        self._landmarker.close()

    def find(self, frame, seconds):
        """The hand in the next picture.

        Args:
            frame: uint8 `[H, W, 3]`, RGB.
            seconds: when it was taken; later than the one before.

        Returns:
            float64 `[21, 2]`, pixels, of a right hand: a left one is mirrored. `None`
            where no hand is seen.

        Raises:
            LandmarkError: another array, or times that do not rise.
        """
        import mediapipe

        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[-1] != 3:
            raise LandmarkError(
                "hands are found in frames that are uint8 [H, W, 3], not in "
                f"{frame.dtype} {list(frame.shape)}"
            )
        milliseconds = round(1000 * seconds)
        if milliseconds <= self._last:
            raise LandmarkError("the times of frames must rise by a millisecond")
        first, self._last = self._last < 0, milliseconds
        if self._mirrored:
            frame = frame[:, ::-1]
        picture = mediapipe.Image(
            mediapipe.ImageFormat.SRGB, np.ascontiguousarray(frame)
        )
        with held_back(NOTES) if first else contextlib.nullcontext():
            found = self._landmarker.detect_for_video(picture, milliseconds)
        height, width = frame.shape[:2]
        hands = [
            SeenHand(_pixels(points, width, height), _right(side))
            for points, side in zip(found.hand_landmarks, found.handedness, strict=True)
        ]
        return self._choice.choose(hands, (height, width), seconds)

    @property
    def left(self):
        """Whether the hand that was found last is a left one, which was mirrored."""
        return self._choice.left


@functools.cache
def finder_version():
    """Another string when a finder may find other points: a part of what is cached."""
    require_mediapipe("Finding hands in pictures")
    return f"{FOUND_AS} {importlib.metadata.version('mediapipe')} {SHA256}"


def require_mediapipe(what):
    """Raises ModuleNotFoundError unless MediaPipe, which `what` needs, is installed."""
    if importlib.util.find_spec("mediapipe") is None:
        raise ModuleNotFoundError(
            f"{what} needs mediapipe, which is not installed: "
            'pip install "dtf_keras[camera]"'
        )


def _landmarker(model_file):
    try:
        from mediapipe.tasks.python import BaseOptions, vision

        options = vision.HandLandmarkerOptions(
            BaseOptions(model_asset_path=str(model_file)),
            running_mode=vision.RunningMode.VIDEO,
            num_hands=MOST_HANDS,
        )
        return vision.HandLandmarker.create_from_options(options)
    except (ImportError, OSError) as error:  # a library of the system is missing
        raise ModuleNotFoundError(
            f"mediapipe is installed, but does not load ({error}): on Debian or Ubuntu "
            f"install {SYSTEM}"
        ) from error


def _pixels(landmarks, width, height):
    points = np.array([(one.x * width, one.y * height) for one in landmarks])
    assert points.shape == (NUM_POINTS, 2)
    return points


def _right(side):
    score = side[0].score
    return score if side[0].category_name == "Right" else -score
