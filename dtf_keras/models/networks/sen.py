"""SEN: in each block of the backbone, frames and places in them are emphasised."""

import dataclasses

from dtf_keras.layers import ResNet, SelfEmphasis
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    NeighbouringConfig,
    backbone_features,
    conv_and_sequence_heads,
    plain_classifier,
)
from dtf_keras.models.registry import register


@dataclasses.dataclass(frozen=True)
class SENConfig(NeighbouringConfig):
    """Options of all such networks."""

    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)


@register(
    SENConfig,
    "ResNet-18 with emphasis on places and frames in each block; Conv1D k5, pooled by "
    "2, twice, with a classifier while training; two bidirectional LSTMs; classifier",
    source="sen",
    parameters={1296: 34_513_232, 1116: 34_144_232, 2001: 35_958_482},
    input=INPUT,
)
def sen(inputs, config):
    backbone = ResNet(
        config.blocks,
        config.width,
        in_blocks=[SelfEmphasis(name="emphasis") for _ in range(sum(config.blocks))],
        name="backbone",
    )
    return conv_and_sequence_heads(
        backbone_features(inputs, config, backbone),
        config,
        plain_classifier(config.num_classes, name="classifier"),
        plain_classifier(config.num_classes, name="conv_classifier"),
    )
