"""What a trained model reads and writes: the frames it wants, and its glosses."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class ClipFormat:
    """How clips must be prepared for a trained model, and what its classes mean.

    A model of the zoo has it as `model.clip_format`; `None` while nobody trained it.
    """

    glosses: tuple[str, ...] | None
    """Glosses; `glosses[i]` is class `i + 1`, class 0 is the CTC blank. `None`: nobody
    has named the classes, and the model recognises nothing yet."""
    frame_size: int
    """Height and width of the frames in pixels."""
    frame_rate: float = 25.0
    """Frames a second."""
    crop: float = 1.0
    """Side of the centre crop as a share of the resized frame: 0.875 is 112 of 128."""

    def __post_init__(self):
        if self.glosses is not None:
            object.__setattr__(self, "glosses", tuple(self.glosses))
        if not self.frame_size > 0 or not self.frame_rate > 0:
            raise ValueError(
                "frame_size and frame_rate must be more than 0. "
                f"Received: {self.frame_size} and {self.frame_rate}."
            )
        if not 0 < self.crop <= 1:
            raise ValueError(
                f"crop must be above 0 and at most 1. Received: {self.crop}."
            )
