import collections
import errno
import time

import av
import numpy as np
import pytest

from dtf_keras.data.footage import camera
from dtf_keras.data.footage.camera import WISHES, Camera
from dtf_keras.data.footage.frame_folder import FootageError


@pytest.fixture
def test_picture(monkeypatch):
    """Camera 0 is FFmpeg's own test picture, 50 times a second for half a second."""
    source = "testsrc=size=64x48:rate=50:duration=0.5,realtime"
    monkeypatch.setattr(camera, "_device", lambda number: (source, "lavfi"))


def test_pictures_come_with_their_times_until_the_camera_ends(test_picture):
    seen = []
    with Camera() as one, pytest.raises(FootageError, match="gives no more pictures"):
        collections.deque(map(seen.append, one.frames()))
    times = [seconds for seconds, _ in seen]
    assert times[0] == 0.0
    assert (np.diff(times) > 0).all()
    assert all(p.shape == (48, 64, 3) and p.dtype == np.uint8 for _, p in seen)


def test_who_is_slow_gets_the_newest_picture(test_picture):
    with Camera() as one:
        frames = one.frames()
        next(frames)
        time.sleep(0.2)
        next(frames)
        seconds, _ = next(frames)
        assert seconds > 0.15


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOENT, "there is no such camera: plug one in"),
        (errno.EACCES, "this program may not use it: allow it"),
        (errno.EBUSY, "another program uses it"),
        (errno.EIO, r"cannot be opened \(.*\): is it plugged in"),
    ],
)
def test_what_stands_in_the_way_is_said(number, message, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(number, "no")

    monkeypatch.setattr(av, "open", fail)
    with pytest.raises(FootageError, match=message):
        Camera(1)


def test_a_camera_is_asked_for_less_if_it_does_not_take_the_first_wish(
    test_picture, monkeypatch
):
    asked, open_file = [], av.open

    def picky(address, format, options):
        asked.append(options)
        if len(asked) < 3:
            raise OSError(errno.EINVAL, "no")
        return open_file(address, format=format)

    monkeypatch.setattr(av, "open", picky)
    Camera().close()
    assert asked == list(WISHES[:3])


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux", ("/dev/video2", "v4l2")), ("darwin", ("2:none", "avfoundation"))],
)
def test_cameras_have_the_names_of_their_system(platform, expected, monkeypatch):
    monkeypatch.setattr(camera.sys, "platform", platform)
    assert camera._device(2) == expected


def test_on_windows_they_are_counted(monkeypatch):
    class Device:
        def __init__(self, name, kind):
            self.name, self.media_types = name, [kind]

    devices = [Device("Mic", "audio"), Device("A", "video"), Device("B", "video")]
    monkeypatch.setattr(camera.sys, "platform", "win32")
    monkeypatch.setattr(av, "enumerate_input_devices", lambda kind: devices)
    assert camera._device(1) == ("video=B", "dshow")
    with pytest.raises(FootageError, match="no such camera"):
        camera._device(2)
