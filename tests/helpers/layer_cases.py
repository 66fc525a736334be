"""The table of layers that the common tests run over."""

import dataclasses
from collections.abc import Callable

from dtf_keras import layers


def _same(count):
    return count


@dataclasses.dataclass(frozen=True)
class Case:
    """A layer, what it is called on, and the lengths it gives.

    `frame` is the shape of one frame; `steps` maps a clip's real frames to its real
    output steps, or is None where they depend on the content; `axis` maps the length
    of the time axis.
    """

    cls: type
    options: dict
    frame: tuple = (8,)
    steps: Callable | None = _same
    axis: Callable = _same

    def make(self, **more):
        return self.cls(**self.options, **more)

    def __str__(self):
        return self.cls.__name__


CASES = [
    Case(layers.MaskedBatchNormalization, {"momentum": 0.9}),
    Case(layers.FrameBackbone, {"width": 0.0625}, frame=(32, 32, 3)),
    Case(layers.HandBackbone, {"units": 8}, frame=(21, 2)),
    Case(layers.DynamicFraming, {"window": 4}),
    Case(layers.TemporalAttention3, {"window": 4}),
    Case(layers.TemporalAttention3, {"window": 4, "fusion": "softmax"}),
    Case(layers.TemporalAttention3, {"window": 4, "fusion": "conv"}),
    Case(layers.MultiScaleFusion, {"windows": (2, 4)}),
    Case(
        layers.TemporalAttention4,
        {"window": 4, "residual": True, "seed": 3},
        steps=lambda n: n // 4,
        axis=lambda t: max(t // 4, 1),
    ),
    Case(layers.HashMapMerge, {"window": 3}, steps=None),
    Case(layers.CausalTCNBlock, {"filters": 8, "dilation": 2}),
    Case(layers.CausalTCNBlock, {"filters": 6}),
    Case(layers.LocalTopKAttention, {"num_heads": 2, "window": 6}),
    Case(layers.MaskedConv1D, {"filters": 5, "kernel_size": 5}),
    Case(
        layers.MaskedMaxPooling1D,
        {"pool_size": 2},
        steps=lambda n: n // 2,
        axis=lambda t: max(t // 2, 1),
    ),
    Case(
        layers.LiftingPool,
        {"weight": 0.01},
        steps=lambda n: n // 2,
        axis=lambda t: max(t // 2, 1),
    ),
    Case(layers.LocalWeighting, {}),
    Case(layers.MaskedInstanceNormalization, {}),
    Case(
        layers.MaskedValidConv1D,
        {"filters": 5, "kernel_size": 3},
        steps=lambda n: max(n - 2, 0),
        axis=lambda t: max(t - 2, 1),
    ),
    Case(
        layers.EdgeFrames,
        {"edge": 3, "stride": 4},
        frame=(4, 4, 3),
        steps=lambda n: (n + 3) // 4 * 4 + 6 if n else 0,
        axis=lambda t: (t + 3) // 4 * 4 + 6,
    ),
    Case(layers.BiLSTM, {"units": 6, "seed": 3}),
    Case(layers.NormScaledDense, {"units": 5}),
    Case(layers.FrameConv2D, {"filters": 4, "kernel_size": 3}, frame=(6, 9, 3)),
    Case(
        layers.MaskedConv3D,
        {"filters": 4, "kernel_size": (3, 3), "strides": 2},
        frame=(6, 9, 3),
    ),
    Case(
        layers.MaskedDepthwiseConv3D,
        {"kernel_size": (5, 3), "dilation": 2},
        frame=(6, 9, 3),
    ),
    Case(layers.TemporalEmphasis, {"num_dilations": 3}, frame=(2, 3, 16)),
    Case(layers.SpatialEmphasis, {"num_dilations": 2}, frame=(5, 4, 16)),
    Case(layers.SelfEmphasis, {}, frame=(3, 4, 8)),
    Case(
        layers.StridedFrameConv,
        {"filters": 4, "frames": 5, "strides": 4},
        frame=(3, 2, 3),
        steps=lambda n: (n + 3) // 4,
        axis=lambda t: (t + 3) // 4,
    ),
    Case(layers.FrameStem, {"filters": 4, "frames": 3}, frame=(6, 9, 3)),
    Case(
        layers.BottleneckBlock,
        {"filters": 6, "inner_filters": 4, "strides": 2, "frames": 3},
        frame=(6, 9, 3),
    ),
    Case(layers.FeatureSlice, {"start": 2, "stop": 5}),
    Case(layers.Identification, {"reduction": 4}, frame=(3, 2, 8)),
    Case(layers.Correlation, {}, frame=(3, 2, 4)),
    Case(layers.AttentionPool, {}, frame=(3, 2, 6)),
    Case(layers.NeighbourCorrelation, {"neighbours": 2}, frame=(3, 2, 6)),
    Case(layers.CorrelatedStage, {"neighbours": 2}, frame=(3, 2, 6)),
    Case(layers.ResidualBlock, {"filters": 4, "strides": 2}, frame=(6, 9, 3)),
    Case(
        layers.ResNet,
        {"width": 0.0625, "blocks": (1, 2, 1, 1)},
        frame=(20, 27, 3),
    ),
    Case(layers.SlowFast, {"width": 0.0625, "blocks": (1, 1)}, frame=(20, 27, 3)),
]
