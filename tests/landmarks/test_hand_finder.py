import hashlib
import itertools
import pathlib
import zipfile

import numpy as np
import pytest

from dtf_keras.commands.landmarker import main
from dtf_keras.data.footage.video import Video
from dtf_keras.landmarks import HandFinder, LandmarkError, hand_model
from dtf_keras.landmarks.model_file import SHA256
from tests.helpers.hands import skip_without_mediapipe

SHARED = pathlib.Path(__file__).parents[3] / "shared" / "camera"
PERSON = SHARED / "signing_person.mp4"


@pytest.fixture(scope="module")
def pictures():
    """A person who raises a hand, 10 pictures a second from the first one on."""
    skip_without_mediapipe()
    if not PERSON.is_file():
        pytest.skip(f"{PERSON.name} is not here")
    timed = itertools.islice(Video(PERSON, 25).timed(1280), 12, 36, 3)
    return list(timed)


def test_a_hand_is_found_in_a_video_of_a_person(pictures):
    with HandFinder() as finder:
        found = [finder.find(frame, seconds) for seconds, frame in pictures]
    seen = np.stack([points for points in found if points is not None])
    assert found[0] is None
    assert len(seen) >= 3
    height, width = pictures[0][1].shape[:2]
    assert (seen[:, 0] > 0).all()
    assert (seen[:, 0] < [width, height]).all()
    assert (np.ptp(seen, axis=1) > 40).all()


def test_mediapipe_says_nothing_of_its_own(pictures, capfd):
    with HandFinder() as finder:
        for seconds, frame in pictures:
            finder.find(frame, seconds)
    assert capfd.readouterr().err == ""


def test_a_mirrored_picture_gives_the_same_hand(pictures):
    hands = []
    for mirrored in (False, True):
        with HandFinder(mirrored) as finder:
            found = [
                finder.find(frame[:, ::-1] if mirrored else frame, seconds)
                for seconds, frame in pictures
            ]
        hands.append(np.stack([points for points in found if points is not None]))
    np.testing.assert_allclose(hands[1], hands[0])


def test_other_frames_and_times_are_refused(pictures):
    with HandFinder() as finder:
        with pytest.raises(LandmarkError, match=r"uint8 \[H, W, 3\], not in float64"):
            finder.find(np.zeros((8, 8, 3)), 0.0)
        finder.find(np.zeros((8, 8, 3), "uint8"), 1.0)
        with pytest.raises(LandmarkError, match="must rise"):
            finder.find(np.zeros((8, 8, 3), "uint8"), 1.0)


def test_the_shipped_model_is_the_one_that_is_built():
    path = hand_model()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA256
    with zipfile.ZipFile(path) as bundle:
        assert all(one.compress_type == zipfile.ZIP_STORED for one in bundle.filelist)


def test_it_is_built_of_a_wheel_the_same_every_time(tmp_path):
    with zipfile.ZipFile(hand_model()) as bundle:
        detector, landmarks = (bundle.read(name) for name in bundle.namelist())
    wheel, built = tmp_path / "mediapipe.whl", tmp_path / "hand_landmarker.task"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = "mediapipe/modules"
        name = f"{folder}/hand_landmark/hand_landmark_full.tflite"
        archive.writestr(name, landmarks)
        name = f"{folder}/palm_detection/palm_detection_full.tflite"
        archive.writestr(name, detector)
    assert main(["--wheel", str(wheel), "--to", str(built)]) == 0
    assert built.read_bytes() == hand_model().read_bytes()


@pytest.mark.parametrize(
    ("content", "message"), [(None, "is missing"), (b"x", "is not the published one")]
)
def test_a_model_that_is_missing_or_another_is_named(
    content, message, tmp_path, monkeypatch
):
    monkeypatch.setattr("dtf_keras.landmarks.model_file.own_zoo", lambda: tmp_path)
    if content:
        (tmp_path / "hand_landmarker").mkdir()
        (tmp_path / "hand_landmarker" / "hand_landmarker.task").write_bytes(content)
    with pytest.raises(LandmarkError, match=f"{message}: .* `dtf-keras landmarker`"):
        hand_model()


def test_a_wheel_of_another_release_is_refused(tmp_path, capsys):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mediapipe/__init__.py", "")
    assert main(["--wheel", str(wheel), "--to", str(tmp_path / "x.task")]) == 1
    assert "has no hand model inside" in capsys.readouterr().err
    assert not (tmp_path / "x.task").exists()
