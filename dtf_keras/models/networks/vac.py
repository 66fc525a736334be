"""VAC, and SMKD on the same backbone and the same layers over time."""

import dataclasses

from dtf_keras.layers import NormScaledDense, ResNet
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    ConvAndSequenceConfig,
    backbone_features,
    conv_and_sequence_heads,
    plain_classifier,
)
from dtf_keras.models.registry import register


@dataclasses.dataclass(frozen=True)
class VACConfig(ConvAndSequenceConfig):
    """Options beside those of all such networks: norm-scaled classifiers."""

    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)
    weight_norm: bool = False


@register(
    VACConfig,
    "ResNet-18 on each frame; Conv1D k5, pooled by 2, twice, with a classifier while "
    "training; two bidirectional LSTMs; classifier",
    source="vac",
    parameters={1296: 34_303_072, 1116: 33_934_072, 2001: 35_748_322},
    input=INPUT,
)
def vac(inputs, config):
    classifier = NormScaledDense if config.weight_norm else plain_classifier
    return conv_and_sequence_heads(
        _features(inputs, config),
        config,
        classifier(config.num_classes, name="classifier"),
        classifier(config.num_classes, name="conv_classifier"),
    )


@register(
    ConvAndSequenceConfig,
    "ResNet-18 on each frame; Conv1D k5, pooled by 2, twice; two bidirectional LSTMs; "
    "one norm-scaled classifier after either, the first while training",
    source="smkd",
    parameters={1296: 32_973_376, 1116: 32_789_056, 2001: 33_695_296},
    input=INPUT,
)
def vac_smkd(inputs, config):
    shared = NormScaledDense(config.num_classes, name="classifier")
    return conv_and_sequence_heads(_features(inputs, config), config, shared, shared)


def _features(inputs, config):
    backbone = ResNet(config.blocks, config.width, name="backbone")
    return backbone_features(inputs, config, backbone)
