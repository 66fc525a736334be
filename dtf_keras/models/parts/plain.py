"""What the rows of the seed project share: their backbone and their classifier."""

import dataclasses

import keras

from dtf_keras.layers import FrameBackbone, scale_channels
from dtf_keras.models.config import ModelConfig
from dtf_keras.models.parts.hands import hand_features
from dtf_keras.models.registry import register

INPUT = {"crop": 0.875}  # 112 of 128 pixels
SMALLEST = 32


@dataclasses.dataclass(frozen=True)
class PlainConfig(ModelConfig):
    """Options that all rows have."""

    def __post_init__(self):
        super().__post_init__()
        if self.input == "video" and min(self.size) < SMALLEST:
            raise ValueError(
                f"frame_size must be at least {SMALLEST} pixels: the backbone halves a "
                f"frame five times. Received: {self.frame_size}."
            )


def register_row(config, composition, row, parameters):
    """Decorator: registers a network of the seed project.

    Args:
        config: class of its config.
        composition: the layers between backbone and classifier, in words.
        row: what it is called there.
        parameters: number of trainable parameters at V = 1237.
    """
    return register(
        config,
        f"frame backbone; {composition}; classifier",
        source="dynamic_temporal_fusion",
        row=row,
        parameters={1237: parameters},
        input=INPUT,
    )


def features_of(inputs, config):
    """Features of each frame: its clips, `[B, T, ...]`, to `[B, T, D]`."""
    if config.input == "landmarks":
        return hand_features(inputs["landmarks"], scale_channels(512, config.width))
    return FrameBackbone(config.width, name="backbone")(inputs["video"])


def classify(x, config):
    """Logits of each step: `[B, T', F]` to `[B, T', V]`, float32."""
    return keras.layers.Dense(
        config.num_classes,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.02),
        dtype="float32",
        name="classifier",
    )(x)
