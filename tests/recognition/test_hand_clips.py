"""Clips of hands, whatever they are kept in, for models that read hands."""

import itertools
import pathlib

import numpy as np
import pytest

from dtf_keras.data import ClipError
from dtf_keras.data.corpora.fingerspelling import frames, words
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import HandLandmarks, in_palm_lengths
from dtf_keras.recognition import ClipSource, example_clip
from tests.helpers.clips import write_video
from tests.helpers.hands import HAND, skip_without_mediapipe, write_pose

POINTS = InputFormat(kind="hand_landmarks")
DRAWN = InputFormat(32, 32, kind="drawn_hand")
VIDEO = InputFormat(32, 32)
PERSON = pathlib.Path(__file__).parents[3] / "shared" / "camera" / "signing_person.mp4"


def pictures(count=50, size=(48, 64)):
    """Noise with a bright corner that gets brighter from frame to frame."""
    rng = np.random.default_rng(0)
    clip = rng.integers(0, 256, (count, *size, 3), dtype="uint8")
    clip[:, :8, :8] = np.arange(count)[:, None, None, None] + 100
    return clip


def read(clip, input_format=POINTS, **settings):
    source = ClipSource(clip, input_format.frame_rate, **settings)
    return np.stack(list(source.frames(input_format)))


@pytest.fixture
def moving():
    """A hand that moves to the right, 30 frames a second, and is lost twice."""
    points = np.stack([HAND + [300 + n, 400] for n in range(90)])
    points[30:34] = np.nan
    points[60:75] = np.nan
    return HandLandmarks(points, frame_rate=30)


def test_landmarks_are_read_in_palm_lengths(moving):
    np.testing.assert_array_equal(
        read(moving), in_palm_lengths(moving.at_rate(25.0), 25.0)
    )


def test_gaps_are_told_unless_they_are_bridged(moving):
    ((start, end),) = ClipSource(moving, 25).gaps(POINTS)
    assert (start, end) == (pytest.approx(2.0, abs=0.05), pytest.approx(2.5, abs=0.05))
    assert ClipSource(pictures(), 25).gaps(VIDEO) == ()


def test_landmarks_are_drawn_for_a_model_of_drawn_hands(moving):
    drawn = read(moving, DRAWN)
    look = frames.draw_look(words.generator("pose file", 0, 0))
    np.testing.assert_array_equal(
        drawn, frames.render_hand(read(moving), look, (32, 32))
    )
    assert len(read(moving, InputFormat(32, 32, 50.0, kind="drawn_hand"))) == 150


@pytest.mark.parametrize("kind", ["video", "array", "folder"])
def test_the_hand_of_pictures_is_looked_for_once(kind, fake_finder, tmp_path):
    clip = pictures()
    if kind == "video":
        clip = write_video(tmp_path / "clip.mkv", list(clip))
    elif kind == "folder":
        from PIL import Image

        folder = tmp_path / "clip"
        folder.mkdir()
        for number, frame in enumerate(clip):
            Image.fromarray(frame).save(folder / f"{number}.png")
        clip = folder
    source = ClipSource(clip, 25)
    seen = np.stack(list(source.frames(POINTS)))
    assert seen.shape == (50, 21, 2)
    np.testing.assert_allclose(np.diff(seen[:, 0, 0]), 1 / 121.5, rtol=1e-3)
    assert fake_finder.looked_at[0][0] == (48, 64, 3)
    assert len(fake_finder.looked_at) == 50
    np.testing.assert_array_equal(np.stack(list(source.frames(POINTS))), seen)
    np.testing.assert_array_equal(read(clip), seen)
    assert len(fake_finder.looked_at) == 50
    assert read(clip, DRAWN).shape == (50, 32, 32, 3)
    assert len(fake_finder.looked_at) == 50


def test_of_a_fast_or_large_video_less_is_looked_at(fake_finder):
    clip = pictures(60, (20, 2560))
    assert read(clip, own_rate=60).shape == (25, 21, 2)
    assert fake_finder.looked_at == [((10, 1280, 3), n / 30) for n in range(30)]


def test_another_clip_and_a_mirrored_one_are_looked_at_again(fake_finder):
    clip = pictures()
    clip[:, :8, -8:] = clip[:, :8, :8]
    read(clip)
    read(clip, mirrored=True)
    assert len(fake_finder.looked_at) == 100
    clip[-1, -1, -1] += 1
    read(clip)
    assert len(fake_finder.looked_at) == 150


def test_a_cache_that_cannot_be_written_is_one_line(fake_finder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "file"))
    said = []
    assert len(read(pictures(), say=said.append)) == 50
    (line,) = said
    assert "cannot be kept in" in line


def test_a_damaged_cache_is_made_anew(fake_finder, tmp_path):
    seen = read(pictures())
    (kept,) = (tmp_path / "cache" / "hands").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    with pytest.warns(UserWarning, match="is damaged: kept as .* and made anew"):
        np.testing.assert_array_equal(read(pictures()), seen)
    assert len(fake_finder.looked_at) == 100


def test_what_is_left_to_do_is_said(fake_finder, monkeypatch):
    monkeypatch.setattr("dtf_keras.eta.FIRST_SECONDS", 0)
    said = []
    read(pictures(), say=said.append)
    assert said[0].startswith("  looked for the hand in 0:00 of 0:02, ")


@pytest.mark.parametrize("input_format", [POINTS, DRAWN])
def test_a_clip_without_a_hand_is_no_answer(input_format, fake_finder):
    dark = pictures() // 8
    with pytest.raises(ClipError, match=r"^Clip the array: no hand is seen in any "):
        read(dark, input_format)


def test_a_drawn_clip_is_read_as_it_is(fake_finder):
    drawn = read(example_clip(), DRAWN)
    np.testing.assert_array_equal(drawn, read(example_clip(), VIDEO))
    assert ClipSource(example_clip(), 25).gaps(DRAWN) == ()
    with pytest.raises(ClipError, match=r"house\.mp4: it shows a drawn hand.* full_"):
        read(example_clip())
    assert not fake_finder.looked_at


def test_landmarks_are_refused_by_a_model_of_camera_pictures(moving, tmp_path):
    points = np.stack([HAND + 200] * 9)
    pose = write_pose(tmp_path / "clip.pose", {"RIGHT_HAND": points})
    for clip in (moving, pose):
        with pytest.raises(ClipError, match="made of landmarks, but the model reads"):
            read(clip, VIDEO)
    assert read(pose).shape == (9, 21, 2)


def test_a_mirrored_video_is_turned_round_for_any_model():
    clip = pictures()
    np.testing.assert_array_equal(
        read(clip, VIDEO, mirrored=True), read(clip[:, :, ::-1], VIDEO)
    )


def test_landmarks_say_themselves_whether_they_are_mirrored(moving):
    with pytest.raises(ClipError, match=r"HandLandmarks\(\.\.\., mirrored=True\)"):
        read(moving, mirrored=True)


def test_a_video_of_a_person_is_read(tmp_path, monkeypatch):
    skip_without_mediapipe()
    if not PERSON.is_file():
        pytest.skip(f"{PERSON.name} is not here")
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path))
    timed = ClipSource(PERSON, 10)._footage.timed(640)
    part = np.stack([frame for _, frame in itertools.islice(timed, 12, 36, 3)])
    source = ClipSource(part, 10)
    points = np.stack(list(source.frames(InputFormat(frame_rate=10, kind=POINTS.kind))))
    assert points.shape == (8, 21, 2)
    assert 2 <= (~np.isnan(points[:, 0, 0])).sum() < 8
    assert source.gaps(InputFormat(frame_rate=10, kind=POINTS.kind))[0][0] == 0
