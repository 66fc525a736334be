import dataclasses


def option(default, *choices):
    """A field of a config that a search may set.

    Args:
        default: its value.
        *choices: values that are worth trying, of one type.
    """
    return dataclasses.field(default=default, metadata={"choices": choices})


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """What every model of the zoo can be told; a model's own config adds its options.

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
        if self.width <= 0:
            raise ValueError(f"width must be above 0. Received: {self.width}.")
