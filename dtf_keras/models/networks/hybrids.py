"""Dynamic fusion on the backbone and with the heads of VAC."""

import dataclasses

from dtf_keras.layers import MultiScaleFusion, ResNet, TemporalAttention3
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    ConvAndSequenceConfig,
    conv_and_sequence_heads,
    frame_features,
    plain_classifier,
    with_edges,
)
from dtf_keras.models.registry import register

_HEADS = (
    "Conv1D k5, pooled by 2, twice, with a classifier while training; two "
    "bidirectional LSTMs; classifier"
)


@dataclasses.dataclass(frozen=True)
class HybridConfig(ConvAndSequenceConfig):
    """Options of all such networks; the losses are those of VAC."""

    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)


@dataclasses.dataclass(frozen=True)
class DTFResNet18Config(HybridConfig):
    """Options: k of the dynamic framing, and whether frames keep their own feature."""

    window: int = option(16, 8, 12, 16, 20, at_least=1)
    residual: bool = option(True, True, False)


@dataclasses.dataclass(frozen=True)
class MLTSFConfig(HybridConfig):
    """Options: k of each window of the dynamic framing."""

    windows: tuple[int, ...] = (4, 8, 16)


@register(
    DTFResNet18Config,
    f"ResNet-18 on each frame; TemporalAttention3 on all frames; {_HEADS}",
    input=INPUT,
)
def dtf_resnet18(inputs, config):
    fusion = TemporalAttention3(config.window, config.residual, name="fusion")
    return _hybrid(inputs, config, fusion)


@register(
    MLTSFConfig,
    "ResNet-18 on each frame; in windows of several sizes a position-aware convolution "
    f"of the neighbours that look like the frame, joined by a gate; {_HEADS}; our "
    "reading of the paper",
    source="mltsf",
    ours=(
        "This is our reading of its abstract and key words, which are all that was at "
        "hand: frame features of a 2-D CNN, similar neighbours in several receptive "
        "regions, a position-aware convolution of each, a content-dependent "
        "aggregator. Ours are the number and the sizes of the windows, the kernel and "
        "how position enters it, the gate's formula, the residual, the ResNet-18, what "
        "follows the fusion (convolutions and LSTMs with a head each, as in VAC) and "
        "the training."
    ),
    input=INPUT,
)
def mltsf(inputs, config):
    return _hybrid(inputs, config, MultiScaleFusion(config.windows, name="fusion"))


def _hybrid(inputs, config, fusion):
    """VAC with a layer between its backbone and its heads.

    The layer sees a clip's own frames; the copies of the first and the last one that
    the convolutions need are made of what it gives.

    Args:
        inputs: of a network.
        config: `HybridConfig`.
        fusion: layer from features `[B, T, D]` to features of the same shape.
    """
    backbone = ResNet(config.blocks, config.width, name="backbone")
    x = with_edges(fusion(frame_features(inputs, config, backbone)))
    return conv_and_sequence_heads(
        x,
        config,
        plain_classifier(config.num_classes, name="classifier"),
        plain_classifier(config.num_classes, name="conv_classifier"),
    )
