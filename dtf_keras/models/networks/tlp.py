"""TLP: VAC with pools over time that are learnt."""

import dataclasses
import functools

from dtf_keras.layers import ResNet
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    ConvAndSequenceConfig,
    backbone_features,
    conv_and_sequence_heads,
    plain_classifier,
)
from dtf_keras.models.parts.temporal_convolution import lifting_convolution
from dtf_keras.models.registry import register


@dataclasses.dataclass(frozen=True)
class TLPConfig(ConvAndSequenceConfig):
    """Options beside those of all such networks: those of the lifting pools.

    Attributes:
        lifting: weight of the losses of the lifting pools.
        source_padding: whether the lifting pools read padding as in the source, so
            that a clip's result depends on the longest clip of its batch.
    """

    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)
    lifting: float = option(0.001, 0.0, 0.0005, 0.001, at_least=0, training=True)
    source_padding: bool = False


@register(
    TLPConfig,
    "ResNet-18 on each frame; Conv1D k5, pooled by 2 by lifting, twice, with a "
    "classifier while training; two bidirectional LSTMs; classifier",
    source="tlp",
    parameters={1296: 59_501_664, 1116: 59_132_664, 2001: 60_946_914},
    input=INPUT,
)
def tlp(inputs, config):
    backbone = ResNet(config.blocks, config.width, name="backbone")
    convolve = functools.partial(
        lifting_convolution,
        weight=config.lifting,
        source_padding=config.source_padding,
    )
    return conv_and_sequence_heads(
        backbone_features(inputs, config, backbone),
        config,
        plain_classifier(config.num_classes, name="classifier"),
        plain_classifier(config.num_classes, name="conv_classifier"),
        convolve,
    )
