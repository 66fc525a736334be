import pathlib

import numpy as np
import pytest
from PIL import Image

from dtf_keras.data import ClipError
from dtf_keras.input_format import InputFormat
from dtf_keras.recognition import ClipSource
from tests.helpers.clips import BLUE, GREEN, RED, shades, write_video


def read(clip, rate=25, size=16, crop=1.0, own_rate=None):
    source = ClipSource(clip, rate, own_rate)
    return np.stack(list(source.frames(InputFormat(size, size, crop=crop))))


def write_folder(path, frames):
    path.mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(path / f"frame{number}.png")
    return path


def as_file(kind, frames, rate, path):
    """The same frames in every form, and what `own_rate` it needs."""
    if kind == "video":
        return write_video(path / "clip.mkv", frames, rate), None
    if kind == "folder":
        return write_folder(path / "clip", frames), rate
    array = np.stack(frames)
    return (array / np.float32(255) if kind == "floats" else array), rate


KINDS = ["video", "folder", "array", "floats"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [12, 25, 50])
def test_every_form_gives_the_frame_nearest_in_time(kind, rate, tmp_path):
    clip, own_rate = as_file(kind, shades(2 * rate), rate, tmp_path)
    seen = read(clip, 25, 8, own_rate=own_rate)
    assert seen.shape == (50, 8, 8, 3)
    assert seen.dtype == np.uint8
    times = seen[:, 4, 4, 0] / 2 / rate  # of the frames that were chosen
    distances = np.abs(np.arange(2 * rate) / rate - np.arange(50)[:, None] / 25)
    chosen = np.abs(times - np.arange(50) / 25)
    np.testing.assert_allclose(chosen, distances.min(axis=1), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(64, 48), (61, 43), (30, 90)])
def test_colours_and_sides_stay_where_they_are(kind, size, tmp_path):
    frame = np.empty((size[1], size[0], 3), "uint8")
    frame[:] = BLUE
    frame[: size[1] // 2, : size[0] // 2] = RED
    frame[: size[1] // 2, size[0] // 2 :] = GREEN
    clip, own_rate = as_file(kind, [frame] * 3, 25, tmp_path)
    seen = read(clip, size=32, own_rate=own_rate)[0].astype(int)
    assert np.abs(seen[4:12, 4:12] - RED).max() <= 1
    assert np.abs(seen[4:12, 20:28] - GREEN).max() <= 1
    assert np.abs(seen[20:28] - BLUE).max() <= 1


def test_fine_stripes_become_grey_and_no_pattern():
    stripes = np.zeros((1, 160, 160, 3), "uint8")
    stripes[:, :, ::2] = 200
    assert np.abs(read(stripes, size=32).astype(int) - 100).max() <= 12


def test_the_crop_is_the_centre_of_the_whole_frame():
    frame = np.zeros((1, 128, 128, 3), "uint8")
    frame[:, 8:120, 8:120] = 255
    assert read(frame, size=112, crop=0.875).min() == 255
    assert read(frame, size=112)[0, 0].max() < 255


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        ("nowhere.mp4", r"nowhere\.mp4: there is no such file"),
        ("https://a.org/b.mp4", r"https://a\.org/b\.mp4 is a web address: download"),
        (pathlib.Path("s3://bucket/b.pose"), "s3://bucket/b.pose is a web address"),
        (3, "type int"),
        (np.zeros((4, 32, 32), "uint8"), r"\(4, 32, 32\)"),
        (np.zeros((4, 21, 2)), r"HandLandmarks\(points"),
        (np.zeros((4, 3, 32, 32), "uint8"), r"\[T, H, W, 3\]"),
        (np.zeros((1, 4, 32, 32, 3), "uint8"), r"list\(batch\)"),
        (np.zeros((0, 32, 32, 3), "uint8"), r"\(0, 32, 32, 3\)"),
        (np.zeros((4, 32, 32, 3), "complex64"), "complex64"),
        (np.full((4, 32, 32, 3), 255.0), "go from 0 to 1"),
        (np.full((4, 32, 32, 3), np.nan), "go from 0 to 1"),
        (np.full((4, 32, 32, 3), -1), "go from 0 to 255"),
    ],
)
def test_what_is_no_clip_is_one_sentence(clip, message):
    with pytest.raises(ClipError, match=f"^Clip .*{message}"):
        read(clip)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.pose", "clip.png", "clip"])
def test_a_file_that_is_something_else_is_named(name, tmp_path):
    path = tmp_path / name
    if path.suffix:
        path.write_text("something else")
    else:
        path.mkdir()
    with pytest.raises(ClipError, match=rf"^Clip \S*{name}"):
        read(path)


@pytest.mark.parametrize("rate", [-1, 0, float("nan"), "25"])
def test_a_frame_rate_must_be_a_positive_number(rate):
    with pytest.raises(ValueError, match=r"^frame_rate must be .* Received: "):
        ClipSource(np.zeros((4, 8, 8, 3), "uint8"), 25, rate)


@pytest.mark.parametrize("resize", ["bilinear", "lanczos"])
def test_pictures_need_not_be_square(resize):
    """The upper half red and the left half green, of which the centre is cropped."""
    clip = np.zeros((3, 64, 96, 3), "uint8")
    clip[:, :32, :, 0] = clip[:, :, :48, 1] = 200
    wanted = InputFormat(24, 40, crop=0.5, resize=resize)
    assert wanted.read_size == (48, 80)
    frames = np.stack(list(ClipSource(clip, 25).frames(wanted)))
    assert frames.shape == (3, 24, 40, 3)
    assert frames[0, 2, 2].tolist() == [200, 200, 0]
    assert frames[0, 21, 37].tolist() == [0, 0, 0]
    assert frames[0, 2, 37].tolist() == [200, 0, 0]
    assert frames[0, 21, 2].tolist() == [0, 200, 0]
