"""CorrNet and CorrNet+, networks by Hu and others."""

from typing import ClassVar

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.families.conv_and_sequence import (
    CONV,
    LIFTING_CONVOLUTIONS,
    SEQUENCE,
    ConvAndSequence,
)
from dtf_keras.convert.layouts import SAME

_SCALES = "conv2d.alpha"
"""A number for each stage after which frames are correlated; these are the last."""


class CorrNet(ConvAndSequence):
    name = "corrnet"
    networks = ("corrnet",)
    marks: ClassVar = ("conv2d.corr",)

    def options(self, arrays, name):
        told = super().options(arrays, name)
        shape = arrays[_SCALES].shape if _SCALES in arrays else ()
        if len(shape) == 1 and shape[0] <= 4:
            told["correlated_stages"] = tuple(range(5 - shape[0], 5))
        return told

    def aliases(self, options):
        return {CONV: SEQUENCE}


class CorrNetPlus(ConvAndSequence):
    name = "corrnet_plus"
    networks = ("corrnet_plus",)
    marks: ClassVar = ("conv2d.corr", ".attpool.", ".predictor.")
    convolutions: ClassVar = LIFTING_CONVOLUTIONS
    left_out: ClassVar = {
        **ConvAndSequence.left_out,
        r"^conv2d\.corr\d\.(weights3$|mlp\.)": "never used by the network",
    }

    def aliases(self, options):
        return {CONV: SEQUENCE}


@assignments.register
def _(layer: layers.ScaledAddition, prefix, stage, number):
    """CorrNet's: corr1 stands after stage 2."""
    return _scaled(layer, prefix, f"corr{stage - 1}.", number)


@assignments.register
def _(layer: layers.CorrelatedStage, prefix, stage, number):
    """CorrNet+'s: corr2 stands after stage 2."""
    found = _scaled(layer.correlation, prefix, f"corr{stage}.", number)
    return found + assignments(layer.emphasis, f"{prefix}temporal_weight{stage}.")


def _scaled(layer, prefix, module, number):
    scale = Assignment(layer.alpha, (f"{prefix}alpha",), number)
    return [scale, *assignments(layer.inner, f"{prefix}{module}")]


@assignments.register
def _(layer: layers.Correlation, prefix):
    return [
        Assignment(layer.shares, (f"{prefix}weights2",), SAME),
        *assignments(layer.project, f"{prefix}down_conv2."),
        *assignments(layer.identification, prefix),  # no module of its own there
    ]


@assignments.register
def _(layer: layers.NeighbourCorrelation, prefix):
    return [
        Assignment(layer.shares, (f"{prefix}weights2",), SAME),
        Assignment(layer.query_shares, (f"{prefix}weights4",), SAME),
        *assignments(layer.project, f"{prefix}down_conv2."),
        *assignments(layer.attention, f"{prefix}attpool."),
        *assignments(layer.identification, prefix),
    ]


@assignments.register
def _(layer: layers.AttentionPool, prefix):
    found = [Assignment(layer.query, (f"{prefix}query",), SAME)]
    for part in ("query", "key", "value"):
        dense = getattr(layer, f"{part}_dense")
        found += assignments(dense, f"{prefix}{part[0]}_proj.")
    return found + assignments(layer.output_dense, f"{prefix}c_proj.")


@assignments.register
def _(layer: layers.Identification, prefix):
    found = [Assignment(layer.shares, (f"{prefix}weights",), SAME)]
    found += assignments(layer.down, f"{prefix}down_conv.")
    for number, scale in enumerate(layer.scales, 1):
        found += assignments(scale, f"{prefix}spatial_aggregation{number}.")
    return found + assignments(layer.back, f"{prefix}conv_back.")
