"""CorrNet and CorrNet+: frames look at their neighbours between stages of a ResNet."""

import dataclasses
import functools

from dtf_keras.layers import (
    CorrelatedStage,
    Correlation,
    NormScaledDense,
    ResNet,
    ScaledAddition,
)
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    NeighbouringConfig,
    backbone_features,
    conv_and_sequence_heads,
)
from dtf_keras.models.parts.temporal_convolution import lifting_convolution
from dtf_keras.models.registry import register


@dataclasses.dataclass(frozen=True)
class CorrNetConfig(NeighbouringConfig):
    """Options: after which stages frames are correlated with their neighbours.

    Attributes:
        correlated_stages: stages of the backbone, the first being 1, ascending; the
            published network for CSL-Daily has (3, 4).
    """

    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)
    correlated_stages: tuple[int, ...] = (2, 3, 4)

    def __post_init__(self):
        super().__post_init__()
        stages = range(1, len(self.blocks) + 1)
        if self.correlated_stages != tuple(
            stage for stage in stages if stage in self.correlated_stages
        ):
            raise ValueError(
                f"correlated_stages are numbers of 1..{len(self.blocks)}, the stages "
                f"of blocks, ascending. Received: {list(self.correlated_stages)}."
            )


@register(
    CorrNetConfig,
    "ResNet-18, after its last three stages each place of a frame correlated with all "
    "of the frames before and after; Conv1D k5, pooled by 2, twice; two bidirectional "
    "LSTMs; one norm-scaled classifier after either, the first while training",
    source="corrnet",
    parameters={1296: 33_374_242, 1116: 33_189_922, 2001: 34_096_162},
    input=INPUT,
)
def corrnet(inputs, config):
    after_stages = [
        ScaledAddition(Correlation(name="correlation"), name=f"correlated{stage}")
        if stage in config.correlated_stages
        else None
        for stage in range(1, len(config.blocks) + 1)
    ]
    x = _features(inputs, config, after_stages)
    shared = NormScaledDense(config.num_classes, name="classifier")
    return conv_and_sequence_heads(x, config, shared, shared)


@dataclasses.dataclass(frozen=True)
class CorrNetPlusConfig(NeighbouringConfig):
    """Options: how many neighbours frames are correlated with, and the lifting pools.

    Attributes:
        neighbours: of each stage of the backbone, the frames on either side that a
            frame is correlated with after it; 0 for none, and no emphasis either.
        lifting: weight of the losses of the lifting pools.
    """

    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)
    neighbours: tuple[int, ...] = (0, 1, 3, 5)
    lifting: float = option(0.0005, 0.0, 0.0005, 0.001, at_least=0, training=True)

    def __post_init__(self):
        super().__post_init__()
        if len(self.neighbours) != len(self.blocks) or min(self.neighbours) < 0:
            raise ValueError(
                f"neighbours has a number from 0 for each of {len(self.blocks)} stages "
                f"of blocks. Received: {list(self.neighbours)}."
            )


@register(
    CorrNetPlusConfig,
    "ResNet-18, after its last three stages each frame correlated with the places of "
    "1, 3 and 5 frames on either side, then emphasis on frames; Conv1D k5, pooled by 2 "
    "by lifting, twice; two bidirectional LSTMs; one norm-scaled classifier after "
    "either, the first while training",
    source="corrnet_plus",
    # 43,969 fewer than there, where as many are never used: weights3 and mlp.
    parameters={1296: 59_998_235, 1116: 59_813_915, 2001: 60_720_155},
    input=INPUT,
)
def corrnet_plus(inputs, config):
    after_stages = [
        CorrelatedStage(neighbours, name=f"correlated{stage}") if neighbours else None
        for stage, neighbours in enumerate(config.neighbours, 1)
    ]
    x = _features(inputs, config, after_stages)
    shared = NormScaledDense(config.num_classes, name="classifier")
    convolve = functools.partial(
        lifting_convolution,
        weight=config.lifting,
        source_padding=config.source_padding,
    )
    return conv_and_sequence_heads(x, config, shared, shared, convolve)


def _features(inputs, config, after_stages):
    backbone = ResNet(
        config.blocks, config.width, after_stages=after_stages, name="backbone"
    )
    return backbone_features(inputs, config, backbone)
