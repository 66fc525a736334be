"""One clip, whatever it is kept in, as a stream of the frames a model reads."""

import dataclasses
import os
import pathlib
import re

from dtf_keras.data import ClipError
from dtf_keras.data.clip_kinds import of_kind
from dtf_keras.data.footage.found_hands import silent
from dtf_keras.data.footage.frame_array import FrameArray
from dtf_keras.data.footage.frame_folder import PICTURES, FootageError, FrameFolder
from dtf_keras.data.footage.pose_file import PoseFile
from dtf_keras.data.footage.video import Video
from dtf_keras.landmarks import HandLandmarks
from dtf_keras.values import real_number


class ClipSource:
    """A clip and the way to its frames.

    Args:
        clip: path of a video file, of a folder of pictures (one a frame, in the order
            of the numbers in their names) or of a `.pose` file; an array
            `[T, H, W, 3]`, RGB, integers 0..255 or floats 0..1; or
            `dtf_keras.landmarks.HandLandmarks`.
        frame_rate: frames a second to give.
        own_rate: frames a second that a folder or an array has; `frame_rate` by
            default. Other clips say theirs themselves.
        name: what errors call a clip that has no path.
        mirrored: whether the clip shows left and right exchanged, as in a mirror.
        say: function that shows a line of text: what is left to do on a long video in
            which hands are looked for.

    Attributes:
        name: what errors and results call the clip.

    Raises:
        ClipError: nothing that a clip can be.
        ValueError: a frame rate that cannot be.
        ModuleNotFoundError: what reads such a file is not installed.
    """

    def __init__(
        self,
        clip,
        frame_rate,
        own_rate=None,
        name="the array",
        mirrored=False,
        say=silent,
    ):
        for rate in (frame_rate, own_rate):
            if rate is not None:
                real_number("frame_rate", rate, above=0)
        self.frame_rate = frame_rate
        self._mirrored, self._say = mirrored, say
        self._kinds = {}
        own_rate = own_rate or frame_rate
        if isinstance(clip, str | os.PathLike):
            path = pathlib.Path(clip)
            self.name = str(path)
            self._footage = _open(path, frame_rate, own_rate)
        else:
            self.name = name
            self._footage = _in_memory(clip, own_rate, name)

    def frames(self, input_format):
        """The frames one by one, at the frame rate, as a model reads them.

        Pictures are resized whole and then cropped. A model of hands gets the hand
        that signs, as points or drawn; it is looked for once.

        Args:
            input_format: `dtf_keras.input_format.InputFormat`.

        Yields:
            uint8 `[H, W, 3]`, RGB; of landmarks float32 `[21, 2]`, palm lengths, NaN
            where a point is not seen.

        Raises:
            ClipError: a clip that is not there or cannot be read, that shows no hand,
                or is not what the model reads; names it.
            ModuleNotFoundError: MediaPipe, which finds hands, is not installed.
        """
        try:
            found = self._of_kind(input_format.kind)
            frames = found.frames(input_format.read_size, input_format.resize)
            if input_format.of_landmarks:
                yield from frames
                return
            top, left = input_format.corner
            rows = slice(top, top + input_format.height)
            columns = slice(left, left + input_format.width)
            for frame in frames:
                yield frame[rows, columns]
        except FootageError as error:
            raise ClipError(f"Clip {self.name}: {error}.") from error

    def frames_to_show(self, input_format, size):
        """The clip frame by frame for people: what the camera saw, and the hand in it.

        Where a model looks for a hand, these are squares about it; else what the model
        reads. Frames are as many as those of `frames`.

        Args:
            input_format: as for `frames`.
            size: pixels of the longer side.

        Yields:
            uint8 `[H, W, 3]`, RGB; of a clip made of points a pixel of plain ground;
            and float `[21, 2]`: where the hand's points are in there, in fractions of
            width and height, NaN if not seen; `None` where no hand is looked for.

        Raises:
            ClipError: as `frames`.
        """
        try:
            found = self._of_kind(input_format.kind)
            if found.finds_hand:
                yield from found.shown(size)
                return
        except FootageError as error:
            raise ClipError(f"Clip {self.name}: {error}.") from error
        scale = size / max(input_format.frame_size)
        height, width = (round(scale * side) for side in input_format.frame_size)
        larger = dataclasses.replace(input_format, height=height, width=width)
        yield from ((frame, None) for frame in self.frames(larger))

    def gaps(self, input_format):
        """Where the hand is not seen, as far as a model looks for one.

        Args:
            input_format: as for `frames`.

        Returns:
            Tuple of `(start, end)`, seconds; up to 0.3 seconds are no gap.

        Raises:
            ClipError: as `frames`.
        """
        try:
            return self._of_kind(input_format.kind).gaps
        except FootageError as error:
            raise ClipError(f"Clip {self.name}: {error}.") from error

    def _of_kind(self, kind):
        if kind not in self._kinds:
            self._kinds[kind] = of_kind(
                self._footage, kind, self.frame_rate, self._mirrored, say=self._say
            )
        return self._kinds[kind]


def _open(path, frame_rate, own_rate):
    """The footage at a path."""
    address = re.match(r"(\w{2,}):/+(.*)", str(path))  # pathlib makes // one /
    if address:
        raise ClipError(
            f"Clip {address[1]}://{address[2]} is a web address: download it first and "
            "give the path of the file."
        )
    suffix = path.suffix.lower()
    if suffix == ".pose":
        return PoseFile(path)
    if suffix in PICTURES:
        raise ClipError(
            f"Clip {path} is one picture: give the folder of the clip's pictures."
        )
    if path.is_dir():
        return FrameFolder(path, frame_rate=own_rate)
    if not path.exists():
        raise ClipError(f"Clip {path}: there is no such file or folder.")
    return Video(path, frame_rate)


def _in_memory(clip, own_rate, name):
    if isinstance(clip, HandLandmarks):
        return clip
    if not hasattr(clip, "shape") or not hasattr(clip, "dtype"):
        raise ClipError(
            f"Clip {name} is of type {type(clip).__name__}: give the path of a video, "
            "of a folder of pictures or of a .pose file, an array [T, H, W, 3] or "
            "HandLandmarks."
        )
    try:
        return FrameArray(clip, own_rate)
    except FootageError as error:
        raise ClipError(f"Clip {name}: {error}.") from error
