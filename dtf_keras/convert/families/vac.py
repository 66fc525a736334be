"""VAC and SMKD, networks by Min, Hao and others.

Blank is class 0 there too. The networks after them have the same names for the same
parts.
"""

from typing import ClassVar

import numpy as np

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.family import Family
from dtf_keras.convert.layouts import SAME
from dtf_keras.convert.width import infer_width

_CONV, _SEQUENCE = "conv1d.fc.", "classifier."
_CHANNELS = {
    "conv2d.conv1.weight": 64,
    **{
        f"conv2d.layer{stage}.{block}.conv{number}.weight": 32 << stage
        for stage in range(1, 5)
        for block in (0, 1)
        for number in (1, 2)
    },
    **{f"conv1d.temporal_conv.{number}.weight": 1024 for number in (0, 4)},
}
"""Output channels at width 1, of the tensors that tell the width."""


class VAC(Family):
    name = "vac"
    networks = ("vac", "vac_smkd")
    tops = frozenset(["conv2d", "conv1d", "temporal_model", "classifier"])
    modules: ClassVar = {
        "backbone": "conv2d.",
        "temporal_conv1": "conv1d.temporal_conv.0.",
        "temporal_bn1": "conv1d.temporal_conv.1.",
        "temporal_conv2": "conv1d.temporal_conv.4.",
        "temporal_bn2": "conv1d.temporal_conv.5.",
        "lstm": "temporal_model.",
        "classifier": _SEQUENCE,
        "conv_classifier": _CONV,
    }
    classifiers = ("classifier", "conv_classifier")
    strangers: ClassVar = {
        "conv2d.corr": "conv2d.corr1 belongs to CorrNet: not in the zoo.",
        "conv2d.layer1.0.tsem": "tsem belongs to SEN: not in the zoo.",
        "conv1d.main_": "main_temporal_conv belongs to SlowFastSign: not in the zoo.",
    }

    def nearest(self, arrays):
        if _is_plain(arrays):
            return ["vac"]
        both = [arrays.get(f"{head}weight") for head in (_CONV, _SEQUENCE)]
        known = [head for head in both if head is not None]
        apart = len(known) == 2 and not np.array_equal(*known, equal_nan=True)
        return ["vac" if apart else "vac_smkd"]

    def options(self, arrays, name):
        shapes = ((n, arrays[n].shape) for n in _CHANNELS if n in arrays)
        told = {"width": infer_width([(s[0], _CHANNELS[n]) for n, s in shapes if s])}
        if name == "vac":
            told["weight_norm"] = not _is_plain(arrays)
        return told

    def count_classes(self, arrays):
        for head in (_SEQUENCE, _CONV):
            weight = arrays.get(f"{head}weight")
            if weight is not None and weight.ndim == 2:
                return weight.shape[0 if _is_plain(arrays) else 1]
        return 2

    def aliases(self, options):
        shared = "weight_norm" not in options  # of vac_smkd
        return {_CONV: _SEQUENCE} if shared else {}

    def notes(self, arrays):
        if (arrays["conv1d.temporal_conv.1.weight"] != 1).any():
            return ["Scale and shift of batch norm were trained."]
        return [
            "Scale and shift of batch norm were never trained: those of "
            "conv1d.temporal_conv.1 are 1. The optimizer had others, made before the "
            "norms were replaced."
        ]


def _is_plain(arrays):
    """Whether the classifiers are plain dense layers, with a bias."""
    return any(f"{head}bias" in arrays for head in (_CONV, _SEQUENCE))


@assignments.register
def _(layer: layers.ResNet, prefix):
    found = assignments(layer.conv1, f"{prefix}conv1.")
    found += assignments(layer.bn1, f"{prefix}bn1.")
    for block in layer.residual_blocks:  # layer2_0 here, layer2.0 there
        found += assignments(block, f"{prefix}{block.name.replace('_', '.')}.")
    return found


@assignments.register
def _(layer: layers.ResidualBlock, prefix):
    found = []
    for part in ("conv1", "bn1", "conv2", "bn2"):
        found += assignments(getattr(layer, part), f"{prefix}{part}.")
    if layer.downsample_conv is not None:
        found += assignments(layer.downsample_conv, f"{prefix}downsample.0.")
        found += assignments(layer.downsample_bn, f"{prefix}downsample.1.")
    return found


@assignments.register
def _(layer: layers.BiLSTM, prefix):
    found = []
    for lstms, ending in ((layer.forwards, ""), (layer.backwards, "_reverse")):
        for number, lstm in enumerate(lstms):
            found += assignments(lstm.cell, f"{prefix}rnn.", f"l{number}{ending}")
    return found


@assignments.register
def _(layer: layers.NormScaledDense, prefix):
    return [Assignment(layer.kernel, (f"{prefix}weight",), SAME)]
