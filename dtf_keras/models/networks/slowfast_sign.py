"""SlowFastSign: frames read at two speeds, three ways through time while training.

As published its backbone started from SLOWFAST_64x2_R101_50_50 of PySlowFast, trained
on AVA, as far as that fits: the convolutions towards the slow network have twice the
features there.
"""

import dataclasses

import keras

from dtf_keras.layers import FeatureSlice, NormScaledDense, SlowFast
from dtf_keras.models.config import option
from dtf_keras.models.parts.conv_and_sequence import (
    INPUT,
    NeighbouringConfig,
    backbone_features,
    conv_and_sequence_heads,
)
from dtf_keras.models.registry import register

MEAN, DEVIATION = 0.45, 0.225  # of pixels 0..1


@dataclasses.dataclass(frozen=True)
class SlowFastConfig(NeighbouringConfig):
    """Options beside those of all such networks: the paths that train alongside.

    Attributes:
        blocks: bottleneck blocks of each stage of both networks; (3, 4, 23, 3) is
            SlowFast-101.
        feature_dropout: rate of the features that the backbone gives.
        side_weight: weight of all losses of the path after the slow network's features
            alone, and of the one after the fast network's.
    """

    blocks: tuple[int, ...] = (3, 4, 23, 3)
    distillation: float = option(25.0, 0.0, 10.0, 25.0, at_least=0, training=True)
    feature_dropout: float = option(
        0.5, 0.0, 0.25, 0.5, at_least=0, below=1, training=True
    )
    side_weight: float = option(0.25, 0.0, 0.25, 0.5, at_least=0, training=True)

    @property
    def head_weights(self):
        weights = {"logits": 1.0, **super().head_weights}
        sides = {
            f"{path}{head}": self.side_weight * weight
            for path in ("slow_", "fast_")
            for head, weight in weights.items()
        }
        return {**weights, **sides}


@register(
    SlowFastConfig,
    "SlowFast-101 with fusion both ways; Conv1D k5, pooled by 2, twice; two "
    "bidirectional LSTMs; one norm-scaled classifier after either, the first while "
    "training; while training the same of the slow and of the fast features alone",
    source="slowfast",
    parameters={1296: 133_601_920, 1116: 133_048_960, 2001: 135_767_680},
    input=INPUT,
)
def slowfast_sign(inputs, config):
    backbone = SlowFast(config.blocks, config.width, name="backbone")
    scaling = (1 / DEVIATION, -MEAN / DEVIATION)
    x = backbone_features(inputs, config, backbone, 2304, scaling)
    x = keras.layers.Dropout(
        config.feature_dropout, seed=config.seed, name="feature_dropout"
    )(x)
    slow = backbone.slow_features
    share = config.distillation * config.side_weight
    of_side = dataclasses.replace(config, distillation=share)
    return {
        **_path(x, config),
        **_path(FeatureSlice(stop=slow, name="slow_features")(x), of_side, "slow_"),
        **_path(FeatureSlice(slow, name="fast_features")(x), of_side, "fast_"),
    }


def _path(x, config, path=""):
    shared = NormScaledDense(config.num_classes, name=f"{path}classifier")
    return conv_and_sequence_heads(x, config, shared, shared, path=path)
