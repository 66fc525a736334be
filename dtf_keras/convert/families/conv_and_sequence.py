"""What files of VAC and of the networks after it share: names, layouts, accidents.

Blank is class 0 there too.
"""

import re
from typing import ClassVar

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments, kernel_and_bias
from dtf_keras.convert.family import Family
from dtf_keras.convert.layouts import CONV3D, DEPTHWISE3D, SAME, element
from dtf_keras.convert.width import infer_width

CONV, SEQUENCE = "conv1d.fc.", "classifier."
LIFTING_CONVOLUTIONS = {
    "temporal_conv1": "conv1d.temporal_conv.0.0.",
    "temporal_bn1": "conv1d.temporal_conv.0.1.",
    "temporal_pool1": "conv1d.temporal_conv.1.",
    "temporal_conv2": "conv1d.temporal_conv.2.0.",
    "temporal_bn2": "conv1d.temporal_conv.2.1.",
    "temporal_pool2": "conv1d.temporal_conv.3.",
}
"""The modules between the backbone and the LSTMs where lifting pools stand there."""


class ConvAndSequence(Family):
    """A family whose networks are convolutions over time and LSTMs, a head after each.

    Its tops are those of all such families: `marks` tell it from the others.
    """

    tops = frozenset(["conv2d", "conv1d", "temporal_model", "classifier"])
    marks: ClassVar[tuple[str, ...]] = ()
    """Parts of names that its networks have, of which others have some or none."""
    convolutions: ClassVar[dict[str, str]] = {
        "temporal_conv1": "conv1d.temporal_conv.0.",
        "temporal_bn1": "conv1d.temporal_conv.1.",
        "temporal_conv2": "conv1d.temporal_conv.4.",
        "temporal_bn2": "conv1d.temporal_conv.5.",
    }
    """The modules of the layers between the backbone and the LSTMs."""
    classifiers = ("classifier", "conv_classifier")
    channels: ClassVar[dict[str, int]] = {
        "conv2d.conv1.weight": 64,
        **{
            f"conv2d.layer{stage}.{block}.conv{number}.weight": 32 << stage
            for stage in range(1, 5)
            for block in (0, 1)
            for number in (1, 2)
        },
    }
    """Output channels at width 1, of the tensors that tell the width."""
    blocks: ClassVar[list[str]] = [rf"conv2d\.layer{n}\.(\d+)\." for n in range(1, 5)]
    """Patterns of each stage's blocks in names of tensors, their numbers the groups."""

    @property
    def modules(self):
        return {
            "backbone": "conv2d.",
            **self.convolutions,
            "lstm": "temporal_model.",
            "classifier": SEQUENCE,
            "conv_classifier": CONV,
        }

    def nearest(self, arrays):
        return list(self.networks)

    def options(self, arrays, name):
        channels = dict(self.channels)
        for module in self.convolutions.values():
            weight = arrays.get(f"{module}weight")
            if weight is not None and weight.ndim == 3:
                channels[f"{module}weight"] = 1024
        shapes = ((n, arrays[n].shape) for n in channels if n in arrays)
        width = infer_width([(s[0], channels[n]) for n, s in shapes if s])
        names = " ".join(arrays)
        numbers = (re.findall(of_stage, names) for of_stage in self.blocks)
        blocks = tuple(max(map(int, found)) + 1 for found in numbers if found)
        return {"width": width, "blocks": blocks} if blocks else {"width": width}

    def count_classes(self, arrays):
        for head in (SEQUENCE, CONV):
            weight = arrays.get(f"{head}weight")
            if weight is not None and weight.ndim == 2:
                return weight.shape[0 if has_plain_classifiers(arrays) else 1]
        return 2

    def likeness(self, names):
        found = super().likeness(names)
        marks = sum(any(mark in name for name in names) for mark in self.marks)
        return found and found + marks

    def notes(self, arrays):
        name = f"{self.convolutions['temporal_bn1']}weight"
        if (arrays[name] != 1).any():
            return ["Scale and shift of batch norm were trained."]
        return [
            "Scale and shift of batch norm were never trained: those of "
            f"{name.removesuffix('.weight')} are 1. The optimizer had others, made "
            "before the norms were replaced."
        ]


def has_plain_classifiers(arrays):
    """Whether the classifiers are plain dense layers, with a bias."""
    return any(f"{head}bias" in arrays for head in (CONV, SEQUENCE))


@assignments.register
def _(layer: layers.ResNet, prefix):
    found = assignments(layer.conv1, f"{prefix}conv1.")
    found += assignments(layer.bn1, f"{prefix}bn1.")
    for block in layer.residual_blocks:  # layer2_0 here, layer2.0 there
        found += assignments(block, f"{prefix}{block.name.replace('_', '.')}.")
    put_in = [(n, one) for n, one in enumerate(layer.after_stages, 1) if one]
    for place, (stage, one) in enumerate(put_in):  # numbers of all are in one tensor
        found += assignments(one, prefix, stage, element(place, len(put_in)))
    return found


@assignments.register
def _(layer: layers.ResidualBlock, prefix):
    found = []
    for part in ("conv1", "bn1", "conv2", "bn2"):
        found += assignments(getattr(layer, part), f"{prefix}{part}.")
    if layer.inner is not None:
        found += assignments(layer.inner, prefix)
    if layer.downsample_conv is not None:
        found += assignments(layer.downsample_conv, f"{prefix}downsample.0.")
        found += assignments(layer.downsample_bn, f"{prefix}downsample.1.")
    return found


@assignments.register
def _(layer: layers.MaskedConv3D, prefix):
    return kernel_and_bias(layer, prefix, CONV3D)


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


@assignments.register
def _(layer: layers.MaskedDepthwiseConv3D, prefix):
    return kernel_and_bias(layer, prefix, DEPTHWISE3D)


@assignments.register(layers.TemporalEmphasis)
@assignments.register(layers.SpatialEmphasis)
def _(layer, prefix):
    found = [
        Assignment(layer.mix, (f"{prefix}weights",), SAME),
        Assignment(layer.alpha, (f"{prefix}alpha",), SAME),
    ]
    found += assignments(layer.transform, f"{prefix}conv_transform.")
    for number, convolution in enumerate(layer.enhance):
        found += assignments(convolution, f"{prefix}conv_enhance.{number}.")
    return found + assignments(layer.back, f"{prefix}conv_back.")


@assignments.register
def _(layer: layers.SelfEmphasis, prefix):
    found = assignments(layer.temporal, f"{prefix}tsem.")
    return found + assignments(layer.spatial, f"{prefix}ssem.")


@assignments.register
def _(layer: layers.LiftingPool, prefix):
    found = []
    for name in ("predictor", "updater"):
        for number, convolution in zip((0, 2), getattr(layer, name), strict=True):
            found += assignments(convolution, f"{prefix}{name}.{number}.")
    for name in ("weight1", "weight2"):
        found += assignments(getattr(layer, name), f"{prefix}{name}.")
    return found


@assignments.register
def _(layer: layers.LocalWeighting, prefix):
    found = assignments(layer.conv, f"{prefix}conv.")
    return found + assignments(layer.norm, f"{prefix}insnorm.")


@assignments.register
def _(layer: layers.MaskedInstanceNormalization, prefix):
    return [
        Assignment(layer.gamma, (f"{prefix}weight",), SAME),
        Assignment(layer.beta, (f"{prefix}bias",), SAME),
    ]
