"""The pictures of a camera, as they come."""

import errno
import sys
import threading
import time

from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.data.footage.video import require_pyav

WAIT = 0.005  # seconds, where a camera has nothing yet
_SIZE = {"video_size": "1280x720", "framerate": "30"}
# Many cameras give 30 large pictures a second only if they compress them.
WISHES = ({**_SIZE, "input_format": "mjpeg"}, _SIZE, {"framerate": "30"}, {})
"""Options of FFmpeg's devices; the first that the camera takes are taken."""
MISSING = "there is no such camera: plug one in, or name another; the first is camera 0"


class Camera:
    """A camera of this computer.

    It is read at its own pace: who asks for the next picture gets the newest, and those
    that came meanwhile are left out.

    Example:

    >>> with Camera() as camera:
    ...     for seconds, picture in camera.frames():
    ...         print(seconds, picture.shape)

    Args:
        number: of the camera, from 0.

    Raises:
        FootageError: there is no such camera, or it cannot be opened; says why.
        ModuleNotFoundError: PyAV is not installed, or too old.
    """

    def __init__(self, number=0):
        require_pyav(f"Camera {number}")
        self.number = number
        self._file = _open(number)
        self._newest = _Newest()
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """Lets go of the camera."""
        self._closed.set()
        self._reader.join()
        self._file.close()

    def frames(self):
        """Yields seconds since the first picture, and uint8 `[H, W, 3]`, RGB.

        Raises:
            FootageError: the camera gives no more pictures.
        """
        began = None
        while True:
            taken = self._newest.take()
            if isinstance(taken, Exception):
                raise FootageError(f"it gives no more pictures ({taken})")
            seconds, frame = taken
            began = seconds if began is None else began
            yield seconds - began, frame.to_ndarray(format="rgb24")

    def _read(self):
        import av

        try:
            stream = self._file.streams.video[0]
            while not self._closed.is_set():
                try:
                    for frame in self._file.decode(stream):
                        self._newest.put((time.monotonic(), frame))
                        if self._closed.is_set():
                            return
                    raise EOFError("it has ended")
                except av.BlockingIOError:
                    time.sleep(WAIT)
        except (av.FFmpegError, EOFError) as error:
            self._newest.put(error)


class _Newest:
    """Hands the newest of what one thread puts to another, each once."""

    def __init__(self):
        self._changed = threading.Condition()
        self._value = None

    def put(self, value):
        with self._changed:
            self._value = value
            self._changed.notify()

    def take(self):
        with self._changed:
            self._changed.wait_for(lambda: self._value is not None)
            value, self._value = self._value, None
            return value


def _open(number):
    import av

    address, device = _device(number)
    for wish in WISHES:
        try:
            return av.open(address, format=device, options=wish)
        except OSError as error:
            why = _why(error)
            if why or wish is WISHES[-1]:
                raise FootageError(
                    why
                    or f"it cannot be opened ({error}): is it plugged in, and may "
                    "this program use it?"
                ) from error


def _device(number):
    """What FFmpeg calls the camera, and the kind of its devices."""
    if sys.platform == "darwin":
        return f"{number}:none", "avfoundation"
    if sys.platform != "win32":
        return f"/dev/video{number}", "v4l2"
    import av

    devices = av.enumerate_input_devices("dshow")
    cameras = [one.name for one in devices if "video" in one.media_types]
    if number >= len(cameras):
        raise FootageError(MISSING)
    return f"video={cameras[number]}", "dshow"


def _why(error):
    """What stands in the way, where FFmpeg's error says it."""
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return MISSING
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            "this program may not use it: allow it in the system's settings; on Linux, "
            "become a member of the group video"
        )
    if error.errno == errno.EBUSY:
        return "another program uses it: end that first"
    return None
