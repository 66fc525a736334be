"""What VAC and the networks after it share: before the backbone, and after it."""

import dataclasses

import keras

from dtf_keras.layers import (
    BiLSTM,
    EdgeFrames,
    LongestClipMask,
    MaskLike,
    edge_of,
    scale_channels,
)
from dtf_keras.models.config import ModelConfig, option
from dtf_keras.models.losses.distillation import Distillation
from dtf_keras.models.parts.hands import hand_features
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


@dataclasses.dataclass(frozen=True)
class NeighbouringConfig(ConvAndSequenceConfig):
    """Options of networks whose frames see others before the LSTMs.

    Attributes:
        source_padding: whether what lies behind a clip is read as in the source, where
            it is more of its last frame, as far as the longest clip of the batch goes,
            so that a clip's result depends on the clips beside it.
    """

    source_padding: bool = False


def backbone_features(inputs, config, backbone, features=512, scaling=(2.0, -1.0)):
    """Features of each frame, its first and last ones repeated as `KERNELS` need.

    Args:
        inputs: of a network.
        config: `ConvAndSequenceConfig`.
        backbone: layer from pictures `[B, T, H, W, 3]` to features `[B, T, D]`.
        features: D at width 1.
        scaling: factor on pixels of 0..1, and what is added to them then.

    Returns:
        KerasTensor `[B, T, D]`.
    """
    policy = "float32" if config.input == "landmarks" else None
    clips = {name: with_edges(frames, policy) for name, frames in inputs.items()}
    return frame_features(clips, config, backbone, features, scaling)


def frame_features(inputs, config, backbone, features=512, scaling=(2.0, -1.0)):
    """Features of each frame; arguments and result as those of `backbone_features`."""
    if config.input == "landmarks":
        units = scale_channels(features, config.width)
        return hand_features(inputs["landmarks"], units)
    frames = inputs["video"]
    frames = keras.layers.Rescaling(*scaling, name="rescaling")(frames)
    if not (isinstance(config, NeighbouringConfig) and config.source_padding):
        return backbone(frames)
    x = backbone(LongestClipMask(name="batch_mask")(frames))
    return MaskLike(name="own_mask")([x, frames])


def conv_and_sequence_heads(
    x,
    config,
    classifier,
    conv_classifier,
    convolve=temporal_convolution,
    path="",
):
    """Convolutions over time with a head, then LSTMs with the head that answers.

    Args:
        x: `backbone_features`, KerasTensor `[B, T, D]`.
        config: `ConvAndSequenceConfig`.
        classifier: layer from features to the logits.
        conv_classifier: that of the convolutions' head; it may be the same.
        convolve: the convolutions over time, called as `temporal_convolution` is.
        path: prefix of the names of layers and heads.

    Returns:
        Dict of `logits` and `conv_logits`, `[B, T', V]`: `ceil(n / 4)` steps of a clip
        of n frames.
    """
    x = convolve(x, KERNELS, scale_channels(1024, config.width), path)
    conv_logits = conv_classifier(x)
    x = BiLSTM(
        scale_channels(512, config.width),
        dropout=config.dropout,
        seed=config.seed,
        name=f"{path}lstm",
    )(x)
    logits = classifier(x)
    conv_logits = Distillation(config.distillation, name=f"{path}distillation")(
        [logits, conv_logits]
    )
    return {f"{path}logits": logits, f"{path}conv_logits": conv_logits}


def with_edges(clips, dtype=None):
    """Clips or features with their first and last frames repeated, for `KERNELS`."""
    return EdgeFrames(*edge_of(KERNELS), dtype=dtype, name="edge_frames")(clips)


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
