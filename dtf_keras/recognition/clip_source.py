"""One clip, whatever it is kept in, as a stream of the frames a model reads."""

import os
import pathlib
import re

import numpy as np

from dtf_keras.data import ClipError
from dtf_keras.data.corpora.fingerspelling.pose_file import PoseFile
from dtf_keras.data.corpora.fingerspelling.recordings import FRAME_RATE as POSE_RATE
from dtf_keras.data.footage.frame_folder import (
    PICTURES,
    FootageError,
    FrameFolder,
    resize,
)
from dtf_keras.data.footage.sampling import resample
from dtf_keras.data.footage.video import Video
from dtf_keras.values import real_number


class ClipSource:
    """A clip and the way to its frames.

    Args:
        clip: path of a video file, of a folder of pictures (one a frame, in the order
            of the numbers in their names) or of a `.pose` file; or an array
            `[T, H, W, 3]`, RGB, integers 0..255 or floats 0..1.
        frame_rate: frames a second to give.
        own_rate: frames a second that a folder or an array has; `frame_rate` by
            default. Videos and `.pose` files say theirs themselves.
        name: what errors call an array.

    Attributes:
        name: what errors and results call the clip.

    Raises:
        ClipError: nothing that a clip can be.
        ValueError: a frame rate that cannot be.
        ModuleNotFoundError: what reads such a file is not installed.
    """

    def __init__(self, clip, frame_rate, own_rate=None, name="the array"):
        for rate in (frame_rate, own_rate):
            if rate is not None:
                real_number("frame_rate", rate, above=0)
        self.frame_rate = frame_rate
        own_rate = own_rate or frame_rate
        if isinstance(clip, str | os.PathLike):
            path = pathlib.Path(clip)
            self.name = str(path)
            self._read, self._rate, self._start = _open(path, frame_rate, own_rate)
        else:
            self.name = name
            array = _check_array(clip, name)
            self._read = lambda size, kind: _frames_of(array, size, kind)
            self._rate, self._start = own_rate, _zero

    def start(self):
        """Seconds of the clip before its first frame that is given.

        Of a `.pose` file, until somebody begins to sign; else 0.

        Raises:
            ClipError: as `frames`.
        """
        try:
            return self._start()
        except FootageError as error:
            raise ClipError(f"Clip {self.name}: {error}.") from error

    def frames(self, input_format):
        """The frames one by one, at the frame rate, resized whole and then cropped.

        Args:
            input_format: `dtf_keras.input_format.InputFormat`.

        Yields:
            uint8 `[H, W, 3]`, RGB.

        Raises:
            ClipError: a clip that is not there or cannot be read; names it.
        """
        top, left = input_format.corner
        rows = slice(top, top + input_format.height)
        columns = slice(left, left + input_format.width)
        try:
            frames = self._read(input_format.read_size, input_format.resize)
            if self._rate != self.frame_rate:
                timed = ((i / self._rate, frame) for i, frame in enumerate(frames))
                frames = resample(timed, self.frame_rate)
            for frame in frames:
                yield frame[rows, columns]
        except FootageError as error:
            raise ClipError(f"Clip {self.name}: {error}.") from error


def _open(path, frame_rate, own_rate):
    """A function from a size to the frames, their rate, and one to when they start."""
    address = re.match(r"(\w{2,}):/+(.*)", str(path))  # pathlib makes // one /
    if address:
        raise ClipError(
            f"Clip {address[1]}://{address[2]} is a web address: download it first and "
            "give the path of the file."
        )
    suffix = path.suffix.lower()
    if suffix == ".pose":
        recording = PoseFile(path)
        return recording.frames, POSE_RATE, recording.start
    if suffix in PICTURES:
        raise ClipError(
            f"Clip {path} is one picture: give the folder of the clip's pictures."
        )
    if path.is_dir():
        return FrameFolder(path).frames, own_rate, _zero
    if not path.exists():
        raise ClipError(f"Clip {path}: there is no such file or folder.")
    return Video(path, frame_rate).frames, frame_rate, _zero


def _zero():
    return 0.0


def _check_array(clip, name):
    if not hasattr(clip, "shape") or not hasattr(clip, "dtype"):
        raise ClipError(
            f"Clip {name} is of type {type(clip).__name__}: give the path of a video, "
            "of a folder of pictures or of a .pose file, or an array [T, H, W, 3]."
        )
    if not isinstance(clip, np.ndarray):
        from keras import ops

        clip = ops.convert_to_numpy(clip)
    if clip.ndim == 5:
        raise ClipError(
            f"Clip {name} has the shape {clip.shape}: of a batch give list(batch), a "
            "clip is an array [T, H, W, 3]."
        )
    if clip.ndim != 4 or clip.shape[-1] != 3 or 0 in clip.shape:
        raise ClipError(
            f"Clip {name} has the shape {clip.shape}: a clip is an array "
            "[T, H, W, 3] of RGB frames."
        )
    if clip.dtype.kind not in "uif":
        raise ClipError(
            f"Clip {name} holds {clip.dtype}: give integers 0..255 or floats 0..1."
        )
    return clip


def _frames_of(array, size, how):
    from PIL import Image

    whole_numbers = array.dtype.kind in "ui"
    top = 255 if whole_numbers else 1.0
    for number, frame in enumerate(array):
        low, high = frame.min(), frame.max()
        if not (low >= 0 and high <= top):
            raise FootageError(
                f"frame {number} has values from {low:g} to {high:g}, but "
                f"{array.dtype} frames go from 0 to {top:g}"
            )
        if not whole_numbers:
            frame = np.rint(255 * frame.astype("float32"))
        yield resize(Image.fromarray(frame.astype("uint8")), size, how)
