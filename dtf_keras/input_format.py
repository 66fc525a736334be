"""What a model reads, and what has to be done to files for it: the one place."""

import dataclasses
from typing import Literal

import numpy as np

from dtf_keras.landmarks.points import NUM_POINTS
from dtf_keras.values import one_of, real_number, size_2d, size_in_words
from dtf_keras.words import quoted

KINDS = ("video", "drawn_hand", "hand_landmarks")
RESIZES = ("bilinear", "lanczos")


@dataclasses.dataclass(frozen=True)
class InputFormat:
    """What a clip must be before a model reads it.

    A model says it; data, recognition, presets, run folders and exports read it here
    and nowhere else. A model of the zoo has it as `model.input_format`, a corpus as
    `corpus.input_format`. Frames are resized as a whole to `read_height` x
    `read_width`, proportions not kept, and cropped to `height` x `width`. Landmarks
    have neither height nor width.

    Raises `ValueError` for a value that cannot be.
    """

    height: int | None = None
    """Pixels of a frame that the model reads."""
    width: int | None = None
    """Pixels of a frame that the model reads."""
    frame_rate: float = 25.0
    """Frames a second."""
    crop: float = 1.0
    """Sides of the crop as shares of the resized frame's: 0.875 is 112 of 128."""
    resize: Literal["bilinear", "lanczos"] = "bilinear"
    """How frames are resized."""
    kind: Literal["video", "drawn_hand", "hand_landmarks"] = "video"
    """What a clip shows: what a camera saw, a hand drawn as `fingerspelling` draws it,
    or the points of a hand in palm lengths (`dtf_keras.landmarks.in_palm_lengths`)."""

    def __post_init__(self):
        one_of("kind", self.kind, KINDS)
        one_of("resize", self.resize, RESIZES)
        real_number("frame_rate", self.frame_rate, above=0)
        real_number("crop", self.crop, above=0, at_most=1)
        if self.of_landmarks:
            if (self.height, self.width, self.crop) != (None, None, 1.0):
                raise ValueError("Landmarks have no height, width or crop.")
            return
        height, width = size_2d("frame_size", (self.height, self.width))
        object.__setattr__(self, "height", height)
        object.__setattr__(self, "width", width)

    @property
    def of_landmarks(self):
        """Whether a clip is made of points, not of pictures."""
        return self.kind == "hand_landmarks"

    @property
    def input_name(self):
        """What the model calls its clips: "video" or "landmarks"."""
        return "landmarks" if self.of_landmarks else "video"

    @property
    def frame_shape(self):
        """Of one frame that the model reads: `(H, W, 3)` or `(21, 2)`."""
        return (NUM_POINTS, 2) if self.of_landmarks else (*self.frame_size, 3)

    @property
    def read_shape(self):
        """As `frame_shape`, before the crop."""
        return (NUM_POINTS, 2) if self.of_landmarks else (*self.read_size, 3)

    @property
    def dtype(self):
        """Of frames in a corpus: "uint8", 0..255, or "float32"."""
        return "float32" if self.of_landmarks else "uint8"

    @property
    def frame_size(self):
        """`(height, width)` of what the model reads, pixels; `None` of landmarks."""
        return None if self.of_landmarks else (self.height, self.width)

    @property
    def read_size(self):
        """`(height, width)` of the resized frame before the crop, pixels; `None` of
        landmarks."""
        if self.of_landmarks:
            return None
        return round(self.height / self.crop), round(self.width / self.crop)

    @property
    def corner(self):
        """`(top, left)` of the centre crop in the resized frame, pixels."""
        (rows, columns), (height, width) = self.read_size, self.frame_size
        return (rows - height) // 2, (columns - width) // 2

    @property
    def size_in_words(self):
        """Of one frame: "32 px", or "21 points"."""
        if self.of_landmarks:
            return f"{NUM_POINTS} points"
        return f"{size_in_words(self.frame_size)} px"

    def to_dict(self):
        """All of it as a JSON-able dict."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, said):
        """The format of a dict that `to_dict` made.

        Raises:
            ValueError: it has other keys, or values that cannot be.
        """
        try:
            return cls(**said)
        except TypeError as error:
            raise ValueError(
                f"{quoted(said)} is not an input format: {error}."
            ) from error


def as_floats(frames):
    """numpy frames as the layers of a model read them: pixels 0..1, or points."""
    if frames.dtype.kind in "ui":
        return frames.astype("float32") / np.float32(255)
    return frames
