"""What VAC and the networks after it share: before the backbone, and after it."""

import dataclasses

import keras

from dtf_keras.layers import BiLSTM, EdgeFrames, edge_of, scale_channels
from dtf_keras.models.config import ModelConfig, option
from dtf_keras.models.losses.distillation import Distillation
from dtf_keras.models.parts.temporal_convolution import temporal_convolution

INPUT = {"crop": 0.875, "resize": "lanczos"}  # 224 of 256 pixels
KERNELS = ("K5", "P2", "K5", "P2")


@dataclasses.dataclass(frozen=True)
class ConvAndSequenceConfig(ModelConfig):
    """Options: dropout between the LSTMs, and what the convolutions' head learns.

    Attributes:
        blocks: residual blocks of each stage of the backbone; (2, 2, 2, 2) is
            ResNet-18, (3, 4, 6, 3) ResNet-34.
        dropout: rate between the two LSTMs.
        conv_weight: weight of the CTC loss of the convolutions' head.
        distillation: weight of the loss by which it is to be like the other head.
    """

    num_classes: int = 1296
    frame_size: int | tuple[int, ...] = 224
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    dropout: float = option(0.3, 0.0, 0.1, 0.3, 0.5, at_least=0, below=1, training=True)
    conv_weight: float = option(1.0, 0.0, 0.5, 1.0, at_least=0, training=True)
    distillation: float = option(0.0, 0.0, 10.0, 25.0, at_least=0, training=True)

    @property
    def head_weights(self):
        return {"conv_logits": self.conv_weight}


def with_edges(clips, dtype=None):
    """Repeats the first and last frames of clips, as `KERNELS` need."""
    return EdgeFrames(*edge_of(KERNELS), dtype=dtype, name="edge_frames")(clips)


def ready_for_backbone(video):
    """Repeats the first and last frames of clips, and brings 0..1 to -1..1."""
    return keras.layers.Rescaling(2.0, -1.0, name="rescaling")(with_edges(video))


def conv_and_sequence_heads(x, config, classifier, conv_classifier):
    """Convolutions over time with a head, then LSTMs with the head that answers.

    Args:
        x: features of the frames `ready_for_backbone` gave, KerasTensor `[B, T, D]`.
        config: `ConvAndSequenceConfig`.
        classifier: layer from features to the logits.
        conv_classifier: that of the convolutions' head; it may be the same.

    Returns:
        Dict of `logits` and `conv_logits`, `[B, T', V]`: `ceil(n / 4)` steps of a clip
        of n frames.
    """
    x = temporal_convolution(x, KERNELS, scale_channels(1024, config.width))
    conv_logits = conv_classifier(x)
    x = BiLSTM(
        scale_channels(512, config.width),
        dropout=config.dropout,
        seed=config.seed,
        name="lstm",
    )(x)
    logits = classifier(x)
    conv_logits = Distillation(config.distillation, name="distillation")(
        [logits, conv_logits]
    )
    return {"logits": logits, "conv_logits": conv_logits}


def plain_classifier(num_classes, name):
    """A dense layer with a bias, float32."""
    return keras.layers.Dense(
        num_classes,
        kernel_initializer=keras.initializers.VarianceScaling(
            1 / 3, "fan_in", "uniform"
        ),
        dtype="float32",
        name=name,
    )
