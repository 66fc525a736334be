import dataclasses
import typing

import numpy as np

from dtf_keras.values import fits, size_2d, type_name
from dtf_keras.words import quoted


def option(default, *choices, at_least=None, below=None, training=False):
    """A field of a config of which more is known than its type.

    Args:
        default: its value.
        *choices: values that a search may try, of one type.
        at_least: lowest value that it can have.
        below: what its value must stay below.
        training: whether it changes training alone, so that trained weights serve a
            model with any value of it.
    """
    metadata = {"choices": choices, "at_least": at_least, "below": below}
    metadata["training"] = training
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """What every model of the zoo can be told; a model's own config adds its options.

    Raises `ValueError`, naming the option, for a value that cannot be.

    Attributes:
        num_classes: V, size of the last layer: blank and the glosses.
        frame_size: pixels of a frame: H = W, or (H, W).
        width: factor on every channel count; 1 is the published size.
        seed: seed of the layers that draw at random (sampling, dropout).
        input: "video", or "landmarks": the points of a hand, which a small backbone of
            their own makes the same features of as that of the model makes of frames.
        padded_lengths: whether training takes every clip for as long as its batch, an
            ablation: padded steps then have the logits that the classifier gives them,
            and the model has to learn blanks there. Its layers still leave padding out.
    """

    num_classes: int = 1237
    frame_size: int | tuple[int, ...] = 112
    width: float = 1.0
    seed: int | None = option(None, training=True)
    input: typing.Literal["video", "landmarks"] = "video"
    padded_lengths: bool = option(False, training=True)

    def __post_init__(self):
        kinds = typing.get_type_hints(type(self))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.generic):  # JSON knows the numbers of Python alone
                object.__setattr__(self, field.name, value.item())
            elif isinstance(value, list):  # JSON knows no tuples
                object.__setattr__(self, field.name, tuple(value))
            _check(field, kinds[field.name], value)
        if self.num_classes < 2:
            raise ValueError(
                "num_classes counts blank and the glosses, so it is at least 2. "
                f"Received: {self.num_classes}."
            )
        height, width = size_2d("frame_size", self.frame_size)
        object.__setattr__(
            self, "frame_size", height if height == width else (height, width)
        )
        if not self.width > 0:
            raise ValueError(f"width must be above 0. Received: {self.width}.")

    @property
    def size(self):
        """`(H, W)`, pixels of a frame."""
        return size_2d("frame_size", self.frame_size)

    @property
    def head_weights(self):
        """Weight of each head's CTC loss, by its name; 1 for those not in it."""
        return {}


def _check(field, kind, value):
    if not fits(value, kind):
        raise ValueError(
            f"{field.name} must be {type_name(kind)}. Received: {quoted(value)}."
        )
    at_least, below = field.metadata.get("at_least"), field.metadata.get("below")
    bounds = []
    if at_least is not None and not value >= at_least:
        bounds.append(f"at least {at_least}")
    if below is not None and not value < below:
        bounds.append(f"below {below}")
    if bounds:
        raise ValueError(
            f"{field.name} must be {' and '.join(bounds)}. Received: {value}."
        )
