import dataclasses
import typing

import numpy as np

from dtf_keras.values import fits, type_name


def option(default, *choices, at_least=None, below=None):
    """A field of a config that a search may set.

    Args:
        default: its value.
        *choices: values that are worth trying, of one type.
        at_least: lowest value that it can have.
        below: what its value must stay below.
    """
    metadata = {"choices": choices, "at_least": at_least, "below": below}
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """What every model of the zoo can be told; a model's own config adds its options.

    Raises `ValueError`, naming the option, for a value that cannot be.

    Attributes:
        num_classes: V, size of the last layer: blank and the glosses.
        frame_size: H = W, pixels.
        width: factor on every channel count; 1 is the source (D = 512).
        seed: seed of the layers that draw at random (sampling, dropout).
    """

    num_classes: int = 1237
    frame_size: int = 112
    width: float = 1.0
    seed: int | None = None

    def __post_init__(self):
        kinds = typing.get_type_hints(type(self))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.generic):  # JSON knows the numbers of Python alone
                object.__setattr__(self, field.name, value.item())
            _check(field, kinds[field.name], value)
        if self.num_classes < 2:
            raise ValueError(
                "num_classes counts blank and the glosses, so it is at least 2. "
                f"Received: {self.num_classes}."
            )
        if self.frame_size < 32:
            raise ValueError(
                "frame_size must be at least 32 pixels: the backbone halves a frame "
                f"five times. Received: {self.frame_size}."
            )
        if not self.width > 0:
            raise ValueError(f"width must be above 0. Received: {self.width}.")


def _check(field, kind, value):
    if not fits(value, kind):
        raise ValueError(
            f"{field.name} must be {type_name(kind)}. Received: {value!r}."
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
