import numpy as np
import pytest
from dtf_keras.data.corpora.fingerspelling.pose_file import PoseFile

from dtf_keras.data.corpora.fingerspelling import recordings
from dtf_keras.data.footage.frame_folder import FootageError


def test_a_recording_is_drawn_at_its_length():
    path = recordings.recording_files()["ase", "V"]
    recording = PoseFile(path)
    frames = recording.read((64, 64))
    assert frames.shape == (recording.check(), 64, 64, 3)
    assert frames.std() > 10
    np.testing.assert_array_equal(frames, PoseFile(path).read((64, 64)))
    other = PoseFile(recordings.recording_files()["ase", "A"]).read((64, 64))
    middle, other = frames[len(frames) // 2], other[len(other) // 2]
    assert np.abs(middle.astype(int) - other).mean() > 3


def test_the_hand_that_is_seen_signs():
    for (language, letter), path in recordings.recording_files().items():
        left_handed = recordings.is_left_handed(path.read_bytes())
        assert left_handed == (language in recordings.LEFT_HANDED), (language, letter)


@pytest.mark.parametrize("keep", [0, 11, 5000, -100])
def test_a_file_that_is_no_recording_is_named(keep, tmp_path):
    content = recordings.recording_files()["ase", "V"].read_bytes()
    path = tmp_path / "clip.pose"
    path.write_bytes(content[:keep])
    with pytest.raises(FootageError, match=r"clip\.pose is no MediaPipe-holistic"):
        PoseFile(path).check()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FootageError, match=r"there is no file .*clip\.pose"):
        PoseFile(tmp_path / "clip.pose").check()


def test_raising_and_lowering_the_hand_is_left_out_and_the_hand_in_the_middle():
    path = recordings.recording_files()["asq", "H"]
    whole = recordings.read_track(path.read_bytes())
    recording = PoseFile(path)
    assert recording.check() < len(whole)
    assert 0 < recording.start() < 1
    moved = recording._film().points[:, recordings.HAND].mean(axis=1)
    np.testing.assert_allclose(np.median(moved, axis=0), 0.5, atol=1e-6)


@pytest.mark.parametrize("language", ["cse", "csq", "tsm", "eso", "gss"])
def test_any_fingerspelling_language_is_read(language):
    files = sorted((recordings.lexicon_folder() / language).glob("*.pose"))[:6]
    assert files
    for path in files:
        assert PoseFile(path).read((32, 32)).std() > 5
