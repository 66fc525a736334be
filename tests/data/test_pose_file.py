import pathlib

import numpy as np
import pytest

from dtf_keras.data.corpora.fingerspelling import recordings
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.pose_file import PoseFile
from tests.helpers.hands import HAND, left, write_pose

SHARED = pathlib.Path(__file__).parents[3] / "shared" / "camera"
RIGHT = np.stack([HAND + [300, 200 + n] for n in range(10)])
LEFT = np.stack([left(HAND) + [100, 200 + n] for n in range(10)])


def relative(points):
    """Points from the wrist."""
    return points - points[:, :1]


@pytest.mark.parametrize(
    "names",
    [
        ("LEFT_HAND_LANDMARKS", "RIGHT_HAND_LANDMARKS"),
        ("hand_left_keypoints_2d", "hand_right_keypoints_2d"),
        ("LEFT_HAND", "RIGHT_HAND"),
    ],
)
def test_the_right_hand_signs_unless_the_left_one_does_alone(names, tmp_path):
    both = dict(zip(names, (LEFT, RIGHT), strict=True))
    read = PoseFile(write_pose(tmp_path / "a.pose", {"BODY": 5, **both})).landmarks()
    np.testing.assert_allclose(read.points, RIGHT, atol=1e-4)
    np.testing.assert_allclose(read.times, np.arange(10) / 25)
    rarely = RIGHT.copy()
    rarely[4:] = np.nan
    both[names[1]] = rarely
    read = PoseFile(write_pose(tmp_path / "b.pose", both)).landmarks()
    np.testing.assert_allclose(relative(read.points), relative(RIGHT), atol=1e-4)


def test_in_a_mirrored_file_the_other_hand_is_the_right_one(tmp_path):
    other = LEFT.copy()
    other[:, 8] += 7
    hands = {"LEFT_HAND": other, "RIGHT_HAND": RIGHT}
    read = PoseFile(write_pose(tmp_path / "a.pose", hands)).landmarks(mirrored=True)
    np.testing.assert_allclose(relative(read.points), relative(left(other)), atol=1e-4)


@pytest.mark.parametrize("name", ["RIGHT_HAND_LANDMARKS", "LEFT_HAND_LANDMARKS"])
def test_a_hand_alone_is_enough(name, tmp_path):
    points = RIGHT if name.startswith("RIGHT") else LEFT
    read = PoseFile(write_pose(tmp_path / "a.pose", {name: points})).landmarks()
    np.testing.assert_allclose(relative(read.points), relative(RIGHT), atol=1e-4)


def test_of_several_people_the_one_whose_hand_is_seen_signs(tmp_path):
    path = write_pose(tmp_path / "a.pose", {"RIGHT_HAND": RIGHT}, people=3)
    np.testing.assert_allclose(PoseFile(path).landmarks().points, RIGHT, atol=1e-4)


def test_what_has_no_hand_says_what_it_has(tmp_path):
    path = write_pose(tmp_path / "a.pose", {"BODY": 5, "LEFT_HAND": 7})
    with pytest.raises(
        FootageError, match=r"a\.pose has no hand: it has BODY \(5 poin"
    ):
        PoseFile(path).landmarks()
    path = write_pose(tmp_path / "b.pose", {"BODY": 5, "LEFT_HAND": 21})
    with pytest.raises(FootageError, match="has a left hand, but no frame in which"):
        PoseFile(path).landmarks()
    path = write_pose(tmp_path / "c.pose", {"RIGHT_HAND": RIGHT / 1000})
    with pytest.raises(FootageError, match=r"c\.pose: no coordinate .* no pixels"):
        PoseFile(path).landmarks()


@pytest.mark.parametrize(
    ("name", "frames", "seen", "rate"),
    [
        ("mediapipe_v01.pose", 170, 145, 24),
        ("right_hand_only.pose", 170, 145, 24),
        ("openpose_v00.pose", 93, None, 24),
    ],
)
def test_files_of_older_formats_are_read(name, frames, seen, rate):
    if not (SHARED / name).is_file():
        pytest.skip(f"{name} is not here")
    read = PoseFile(SHARED / name).landmarks()
    assert len(read) == frames
    assert read.times[1] == pytest.approx(1 / rate)
    hands = int((~np.isnan(read.points[:, 0, 0])).sum())
    assert hands == seen or (seen is None and 40 < hands < 80)


@pytest.mark.parametrize("language", ["ase", "ise", "cse", "gss"])
def test_recordings_of_the_corpus_are_read(language):
    path = min((recordings.lexicon_folder() / language).glob("*.pose"))
    assert len(PoseFile(path).landmarks()) > 5


def test_the_left_hand_of_a_left_handed_recording_is_read_mirrored():
    path = recordings.recording_files()["ise", "V"]
    track = recordings.read_track(path.read_bytes(), left_handed=True)
    read = PoseFile(path).landmarks().points
    hand = relative(read[~np.isnan(read[:, 0, 0])])[0]
    wanted = relative(track[:, recordings.HAND])[0]
    np.testing.assert_allclose(hand / np.ptp(hand), wanted / np.ptp(wanted), atol=1e-3)


@pytest.mark.parametrize("keep", [0, 11, 5000, -100])
def test_a_file_that_is_no_recording_is_named(keep, tmp_path):
    content = recordings.recording_files()["ase", "V"].read_bytes()
    path = tmp_path / "clip.pose"
    path.write_bytes(content[:keep])
    with pytest.raises(FootageError, match=r"clip\.pose is no \.pose file, or a damag"):
        PoseFile(path).landmarks()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FootageError, match=r"there is no file .*clip\.pose"):
        PoseFile(tmp_path / "clip.pose").landmarks()
