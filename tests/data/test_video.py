import struct
import subprocess
import sys

import numpy as np
import pytest

from dtf_keras.data.footage import video
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.video import Video, sample

av = pytest.importorskip("av", reason="PyAV is not installed")

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (20, 40, 220)
HD = 1  # ITU-R BT.709, of FFmpeg's AVColorSpace


def picture(left, right=None, size=(64, 48)):
    """`left` and `right` halves of a colour each, uint8 `[H, W, 3]`."""
    frame = np.empty((size[1], size[0], 3), "uint8")
    frame[:, : size[0] // 2] = left
    frame[:, size[0] // 2 :] = right or left
    return frame


def write(path, frames, rate=25, codec="libx264", pixels="yuv420p", colours=None):
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        if codec == "libx264":
            stream.options = {"crf": "0"}
        if colours:
            stream.codec_context.colorspace = colours
        for frame in frames:
            frame = av.VideoFrame.from_ndarray(frame, "rgb24")
            if colours:
                frame = frame.reformat(format=pixels, dst_colorspace="ITU709")
                frame.colorspace = colours
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def three_colours(path, **options):
    frames = [picture(colour) for colour in (RED, GREEN, BLUE) for _ in range(10)]
    return write(path, frames, **options)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plain.mp4", {}),
        ("full.mp4", {"pixels": "yuvj420p"}),
        ("fine.mov", {"pixels": "yuv444p"}),
        ("hd.mp4", {"colours": HD}),
        ("old.avi", {"codec": "mpeg4"}),
        ("exact.mkv", {"codec": "ffv1", "pixels": "bgr0"}),
    ],
)
def test_colours_are_right_whatever_the_file_has(name, options, tmp_path):
    frames = Video(three_colours(tmp_path / name, **options), 25).read((16, 16))
    assert frames.shape == (30, 16, 16, 3)
    assert frames.dtype == np.uint8
    for third, colour in zip(np.split(frames, 3), (RED, GREEN, BLUE), strict=True):
        np.testing.assert_allclose(third.mean(axis=(0, 1, 2)), colour, atol=5)


@pytest.mark.parametrize("rate", [12, 24, 25, 30, 50, 60])
@pytest.mark.parametrize("wanted", [25, 30])
def test_frames_come_at_the_rate_that_is_asked_for(rate, wanted, tmp_path):
    """Two seconds; the grey value is the time in the file."""
    shades = np.linspace(20, 220, 2 * rate).astype(int).tolist()
    path = write(
        tmp_path / "clip.mkv",
        [picture((shade,) * 3) for shade in shades],
        rate=rate,
        codec="ffv1",
        pixels="bgr0",
    )
    clip = Video(path, wanted)
    assert clip.check() == 2 * wanted
    seen = clip.read((8, 8))[:, 0, 0, 0].astype(float)
    assert len(seen) == 2 * wanted
    # A frame is at most half a frame of the file off.
    at = np.arange(2 * wanted) / wanted
    expected = np.interp(at, np.arange(2 * rate) / rate, shades)
    assert np.abs(seen - expected).max() <= 0.5 * 200 / (2 * rate - 1) + 2
    assert (np.diff(seen) >= 0).all()


def test_the_rate_of_the_file_gives_every_frame_once():
    for rate in (24, 25, 29.97, 30, 50, 60):
        times = np.round(np.arange(200) / rate, 3)  # as some files round them
        assert sample(times, rate).tolist() == list(range(200))


def test_unsteady_frames_are_sampled_by_their_times():
    times = [0.0, 0.04, 0.08, 0.5, 0.54, 0.58]
    chosen = sample(times, 25)
    assert chosen[:3].tolist() == [0, 1, 2]
    assert chosen[7] == 2  # 0.28 s
    assert chosen[9] == 3  # 0.36 s
    assert (np.diff(chosen) >= 0).all()
    assert sample([3.2], 25).tolist() == [0]


def test_frames_are_resized_whole(tmp_path):
    path = write(tmp_path / "clip.mp4", [picture(RED, BLUE, (128, 48))] * 5)
    (frame, *_) = Video(path, 25).read((32, 32))
    np.testing.assert_allclose(frame[:, :14].mean(axis=(0, 1)), RED, atol=5)
    np.testing.assert_allclose(frame[:, 18:].mean(axis=(0, 1)), BLUE, atol=5)


def test_a_turned_phone_gives_upright_frames(tmp_path):
    path = write(tmp_path / "clip.mp4", [picture(RED, BLUE)] * 5)
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44  # after version, times, id and volume
    one = 1 << 16
    clockwise = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    content[matrix : matrix + 36] = clockwise
    path.write_bytes(content)
    (frame, *_) = Video(path, 25).read((32, 32))
    np.testing.assert_allclose(frame[:14].mean(axis=(0, 1)), RED, atol=5)
    np.testing.assert_allclose(frame[18:].mean(axis=(0, 1)), BLUE, atol=5)
    (_, frame), *_ = Video(path, 25).timed(99)
    assert frame.shape == (64, 48, 3)
    np.testing.assert_allclose(frame[:28].mean(axis=(0, 1)), RED, atol=5)


def cut_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (cut_off, "is cut off|cannot be read"),
        (lambda path: path.write_text("no video"), "cannot be read"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: path.unlink(), "there is no file"),
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_video_that_cannot_be_read_is_named(damage, why, suffix, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 64, 3), "uint8")
    path = write(tmp_path / f"clip{suffix}", list(noise))
    assert Video(path, 25).check() == 40
    damage(path)
    with pytest.raises(
        FootageError, match=rf"{path.name}.*({why})|({why}).*{path.name}"
    ):
        Video(path, 25).check()


def test_a_file_with_sound_alone_is_named(tmp_path):
    path = tmp_path / "clip.wav"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        samples = np.zeros((1, 800), "int16")
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 8000
        file.mux(stream.encode(frame))
    with pytest.raises(FootageError, match="has no pictures"):
        Video(path, 25).check()


def test_without_pyav_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(video, "_has_pyav", lambda: False)
    with pytest.raises(ModuleNotFoundError, match='pip install "av>=17"'):
        Video("clip.mp4", 25)


def test_pyav_loads_only_when_a_video_is_read():
    code = (
        "import sys; from dtf_keras.data.footage.video import Video\n"
        "Video('x.mp4', 25); "
        "print('av' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "False"


def test_the_frames_of_a_file_come_with_their_times_and_no_larger_than_asked(tmp_path):
    shades = [picture((2 * n, 2 * n, 2 * n)) for n in range(30)]
    video = Video(write(tmp_path / "clip.mkv", shades, 50, "ffv1", "bgr0"), 25)
    times, frames = zip(*video.timed(32), strict=True)
    np.testing.assert_allclose(times, np.arange(30) / 50, atol=1e-3)
    assert {frame.shape for frame in frames} == {(24, 32, 3)}
    assert [int(frame[0, 0, 0]) for frame in frames] == [2 * n for n in range(30)]
    assert video.seconds() == pytest.approx(0.6, abs=0.05)
