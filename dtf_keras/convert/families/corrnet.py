"""CorrNet, by Hu and others."""

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.families.conv_and_sequence import (
    CONV,
    SEQUENCE,
    ConvAndSequence,
)
from dtf_keras.convert.layouts import SAME, element

_SCALES = "conv2d.alpha"
"""One number for each stage after which frames are correlated, the last ones."""


class CorrNet(ConvAndSequence):
    name = "corrnet"
    networks = ("corrnet",)
    marks = ("conv2d.corr",)

    def options(self, arrays, name):
        told = super().options(arrays, name)
        shape = arrays[_SCALES].shape if _SCALES in arrays else ()
        if len(shape) == 1 and shape[0] <= 4:
            told["correlated_stages"] = tuple(range(5 - shape[0], 5))
        return told

    def aliases(self, options):
        return {CONV: SEQUENCE}


@assignments.register
def _(layer: layers.ScaledAddition, prefix, place, count):
    scale = Assignment(layer.alpha, (f"{prefix}alpha",), element(place, count))
    return [scale, *assignments(layer.inner, f"{prefix}{layer.inner.name}.")]


@assignments.register
def _(layer: layers.Correlation, prefix):
    """What is a layer of its own here, the identification, is not there."""
    return [
        Assignment(layer.shares, (f"{prefix}weights2",), SAME),
        *assignments(layer.project, f"{prefix}down_conv2."),
        *assignments(layer.identification, prefix),
    ]


@assignments.register
def _(layer: layers.Identification, prefix):
    found = [Assignment(layer.shares, (f"{prefix}weights",), SAME)]
    found += assignments(layer.down, f"{prefix}down_conv.")
    for number, scale in enumerate(layer.scales, 1):
        found += assignments(scale, f"{prefix}spatial_aggregation{number}.")
    return found + assignments(layer.back, f"{prefix}conv_back.")
