"""The frames of a clip as a video file, read by PyAV."""

import functools
import hashlib
import importlib.metadata
import importlib.util
import pathlib

import numpy as np

from dtf_keras.data.footage.frame_folder import FootageError, reading, resize, within
from dtf_keras.data.footage.sampling import resample, sample

PYAV = 17  # earlier ones convert colours of HD videos as if they were not HD
LONGEST = 24 * 3600  # seconds; a file with frames later than that has wrong times
WHOLE = 0.95  # share of the seconds that a file promises and must have


class Video:
    """A video file, sampled at a steady frame rate.

    The frame at each of the times 0, 1/rate, 2/rate ... is the one that is nearest in
    the file, whatever rate the file has and however unsteady it is. Colours are
    converted as the file says, and the rotation that a phone notes is applied.

    Args:
        path: the file.
        frame_rate: float, frames a second to give.

    Raises:
        ModuleNotFoundError: PyAV is not installed, or too old.
    """

    def __init__(self, path, frame_rate):
        require_pyav(f"{path} is a video, and reading it")
        self.path = pathlib.Path(path)
        self.frame_rate = frame_rate

    def fingerprint(self):
        """Another string when the file or the frame rate changes; reads no frame."""
        if not self.path.is_file():
            raise FootageError(f"there is no file {self.path}")
        state = self.path.stat()
        text = f"{state.st_size} {state.st_mtime_ns} {self.frame_rate}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def check(self):
        """Reads the file once; returns the number of frames at the frame rate.

        Raises:
            FootageError: no such file, no video, or a video that cannot be read.
        """
        times = [time for time, _ in self._decode()]
        with reading(self.path):
            return len(sample(times, self.frame_rate))

    def read(self, size, how="bilinear"):
        """The frames resized: uint8 `[T, H, W, 3]`, RGB.

        Args:
            size: `(H, W)` in pixels.
            how: "bilinear" or "lanczos".

        Raises:
            FootageError: as `check`.
        """
        return np.stack(list(self.frames(size, how)))

    def frames(self, size, how="bilinear"):
        """The frames of `read` one by one, however long the video is.

        Args:
            size: `(H, W)` in pixels.
            how: "bilinear" or "lanczos".

        Yields:
            uint8 `[H, W, 3]`, RGB.

        Raises:
            FootageError: as `check`; of a file that is cut off only at its end.
        """
        last = picture = None
        with reading(self.path):
            for frame in resample(self._decode(), self.frame_rate):
                if frame is not last:  # a slow video shows a frame several times
                    last, picture = frame, _picture(frame, size, how)
                yield picture

    def timed(self, longest):
        """The frames that the file has, each with its time.

        Args:
            longest: pixels that the longer side has at most; proportions are kept.

        Yields:
            Seconds since the first frame, and uint8 `[H, W, 3]`, RGB.

        Raises:
            FootageError: as `frames`.
        """
        first = None
        with reading(self.path):
            for seconds, frame in self._decode():
                first = seconds if first is None else first
                width, height = within(frame.width, frame.height, longest)
                picture = frame.to_ndarray(format="rgb24", width=width, height=height)
                yield seconds - first, np.rot90(picture, frame.rotation // 90)

    def seconds(self):
        """How long the file says that it is; 0 where it says nothing.

        Raises:
            FootageError: as `check`.
        """
        import av

        self.fingerprint()
        with reading(self.path), av.open(str(self.path)) as file:
            streams = file.streams.video
            return _seconds(file, streams[0]) if streams else 0.0

    def content(self):
        """Another string when the bytes of the file change; reads all of them."""
        self.fingerprint()
        with reading(self.path), self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _decode(self):
        """Yields the seconds and the frame, in the order in which they are shown."""
        import av

        self.fingerprint()
        with reading(self.path), av.open(str(self.path)) as file:
            if not file.streams.video:
                raise FootageError(f"{self.path} has no pictures")
            stream = file.streams.video[0]
            stream.thread_type = "AUTO"
            promised = _seconds(file, stream)
            rate = stream.average_rate or self.frame_rate
            first = end = None
            for number, frame in enumerate(file.decode(stream)):
                end = frame.time if frame.time is not None else number / rate
                first = end if first is None else first
                if abs(end - first) > LONGEST:
                    raise FootageError(
                        f"{self.path} shows frame {number} at {end - first:.1f} s: its "
                        "times are damaged"
                    )
                yield end, frame
        if end is None:
            raise FootageError(f"{self.path} has no frame")
        if end - first + 1 / rate < WHOLE * promised:
            raise FootageError(
                f"{self.path} is cut off: it has {end - first:.1f} of {promised:.1f} s"
            )


def require_pyav(what):
    """Raises ModuleNotFoundError unless PyAV, which `what` needs, is installed."""
    if not _has_pyav():
        raise ModuleNotFoundError(
            f"{what} needs PyAV {PYAV} or later, which is not installed: "
            f'pip install "av>={PYAV}"'
        )


@functools.cache
def _has_pyav():
    if importlib.util.find_spec("av") is None:
        return False
    return int(importlib.metadata.version("av").split(".")[0]) >= PYAV


def _seconds(file, stream):
    """How long the file says that it is; 0 where it says nothing."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if file.duration and len(file.streams) == 1:
        return file.duration / 1e6
    return 0.0


def _picture(frame, size, how):
    from PIL import Image

    picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
    if frame.rotation:
        picture = picture.rotate(frame.rotation, expand=True)
    return resize(picture, size, how)
