"""What a model reads, and what has to be done to files for it: the one place."""

import dataclasses
from typing import Literal

from dtf_keras.values import one_of, real_number, size_2d

KINDS = ("video", "landmarks")
RESIZES = ("bilinear", "lanczos")


@dataclasses.dataclass(frozen=True)
class InputFormat:
    """What a clip must be before a model reads it.

    A model says it; data, recognition, presets, run folders and exports read it here
    and nowhere else. A model of the zoo has it as `model.input_format`, a corpus as
    `corpus.input_format`. Frames are resized as a whole to `read_height` x
    `read_width`, proportions not kept, and cropped to `height` x `width`.

    Raises `ValueError` for a value that cannot be.
    """

    height: int
    """Pixels of a frame that the model reads."""
    width: int
    """Pixels of a frame that the model reads."""
    frame_rate: float = 25.0
    """Frames a second."""
    crop: float = 1.0
    """Sides of the crop as shares of the resized frame's: 0.875 is 112 of 128."""
    resize: Literal["bilinear", "lanczos"] = "bilinear"
    """How frames are resized."""
    kind: Literal["video", "landmarks"] = "video"
    """What a clip is made of."""

    def __post_init__(self):
        height, width = size_2d("frame_size", (self.height, self.width))
        object.__setattr__(self, "height", height)
        object.__setattr__(self, "width", width)
        real_number("frame_rate", self.frame_rate, above=0)
        real_number("crop", self.crop, above=0, at_most=1)
        one_of("resize", self.resize, RESIZES)
        one_of("kind", self.kind, KINDS)

    @property
    def frame_size(self):
        """`(height, width)` of what the model reads, pixels."""
        return self.height, self.width

    @property
    def read_size(self):
        """`(height, width)` of the resized frame before the crop, pixels."""
        return round(self.height / self.crop), round(self.width / self.crop)

    @property
    def corner(self):
        """`(top, left)` of the centre crop in the resized frame, pixels."""
        (rows, columns), (height, width) = self.read_size, self.frame_size
        return (rows - height) // 2, (columns - width) // 2

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
            raise ValueError(f"{said!r} is not an input format: {error}.") from error
