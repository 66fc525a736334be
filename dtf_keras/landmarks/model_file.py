"""The model that finds hands in pictures: MediaPipe's, which comes with the package.

MediaPipe's wheels have it no longer, so it is in the zoo, as `build` makes it of an
older wheel: the same bytes every time.
"""

import hashlib
import pathlib
import zipfile

from dtf_keras.files import own_zoo, write_whole
from dtf_keras.landmarks.hand_landmarks import LandmarkError

WHEEL = "mediapipe==0.10.14"
"""The release whose wheel has the two networks."""
SHA256 = "76839f622b2923ac8ee857300422283621490de0122425c2313ab8f040a7d100"
_INSIDE = {
    "hand_detector.tflite": "palm_detection/palm_detection_full.tflite",
    "hand_landmarks_detector.tflite": "hand_landmark/hand_landmark_full.tflite",
}


def hand_model():
    """The path of the model file, whose content was checked.

    Raises:
        LandmarkError: it is missing or another one.
    """
    path = own_zoo() / "hand_landmarker" / "hand_landmarker.task"
    if not path.is_file():
        raise LandmarkError(f"The hand model {path} is missing: {_MEND}.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise LandmarkError(f"The hand model {path} is not the published one: {_MEND}.")
    return path


_MEND = "install the package again, or run `dtf-keras landmarker`"


def build(wheel, path):
    """Makes the model file of the wheel of a release of MediaPipe.

    Args:
        wheel: path of the wheel of `WHEEL`.
        path: the file to write, whole or not at all.

    Raises:
        LandmarkError: the wheel is of another release.
    """
    with zipfile.ZipFile(wheel) as archive:
        try:
            networks = {
                name: archive.read(f"mediapipe/modules/{inside}")
                for name, inside in _INSIDE.items()
            }
        except KeyError as error:
            raise LandmarkError(
                f"{wheel} has no hand model inside; that of {WHEEL} has."
            ) from error

    def write(part):
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as bundle:
            for name, network in networks.items():
                entry = zipfile.ZipInfo(name)  # of 1980, so that no date is in it
                entry.create_system, entry.external_attr = 3, 0o644 << 16
                bundle.writestr(entry, network)
        if hashlib.sha256(part.read_bytes()).hexdigest() != SHA256:
            raise LandmarkError(f"{wheel} has another hand model than {WHEEL}.")

    write_whole(pathlib.Path(path), write)
