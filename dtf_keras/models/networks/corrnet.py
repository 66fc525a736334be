"""CorrNet: a ResNet whose frames look at their neighbours between its stages."""

import dataclasses

from dtf_keras.layers import Correlation, NormScaledDense, ResNet, ScaledAddition
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    NeighbouringConfig,
    backbone_features,
    conv_and_sequence_heads,
)
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
    stages = range(1, len(config.blocks) + 1)
    backbone = ResNet(
        config.blocks,
        config.width,
        after_stages=[
            _correlation(f"corr{stage - 1}")
            if stage in config.correlated_stages
            else None
            for stage in stages
        ],
        name="backbone",
    )
    x = backbone_features(inputs, config, backbone)
    shared = NormScaledDense(config.num_classes, name="classifier")
    return conv_and_sequence_heads(x, config, shared, shared)


def _correlation(name):
    return ScaledAddition(Correlation(name=name), name=f"scaled_{name}")
