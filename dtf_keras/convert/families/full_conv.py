"""full_conv and its rows: dynamic temporal fusion, networks by PanXiebit.

Blank is the last class there; <PAD> is the first, <UNK>, <BOS> and <EOS> stand before
blank.
"""

import math
from typing import ClassVar

import numpy as np

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments, kernel_and_bias
from dtf_keras.convert.family import Family
from dtf_keras.convert.layouts import CONV2D, DENSE, SAME, scaled
from dtf_keras.convert.width import infer_width
from dtf_keras.layers.fusion.temporal_fusion import TemporalFusion

NUM_SPECIAL = 4
"""<PAD>, <UNK>, <BOS> and <EOS>."""

_TWO = frozenset(["enc1_conv1", "enc1_conv2"])
_PARTS = {
    "full_conv": _TWO,
    "full_conv_v3": _TWO | {"attn_enc"},
    "full_conv_v5": _TWO | {"tcna"},
    "full_conv_v6": frozenset(["tcna", "enc1_conv1"]),
    "full_conv_v7": frozenset(["tcna", "enc1"]),
    "full_conv_v8": frozenset(["tcna", "enc1"]),
    "full_conv_v9": _TWO | {"tcna", "tcna2"},
    "full_conv_v10": _TWO | {"tcna2"},
    "full_conv_v11": _TWO | {"tcna", "tcna2"},
}
"""The modules that tell the rows apart."""

_KERNELS = {"full_conv_v9": 5, "full_conv_v11": 3}
"""Kernel size of `enc1_conv1`, where the modules are alike."""

_CHANNELS = {
    "conv.weight": 32,
    **{f"layers.{n}.conv{c}.weight": 64 << n for n in range(4) for c in (1, 2)},
    "enc2_conv.weight": 1024,
}
"""Output channels at width 1, of the tensors that tell the width."""


class FullConv(Family):
    name = "full_conv"
    networks = tuple(_PARTS)
    tops = frozenset().union(*_PARTS.values()) | {
        *("conv", "bn", "layers", "cnn_bn", "fc"),
        *("enc1_bn1", "enc1_bn2", "enc2_conv", "enc2_bn"),
    }
    modules: ClassVar = {
        "backbone": "",
        "fusion": "tcna.",
        "pooled_fusion": "tcna2.",
        "attention": "attn_enc.enc_layers.0.",
        "enc1_conv": "enc1_conv1.",
        "enc1_bn": "enc1_bn1.",
        "enc2_conv": "enc1_conv2.",
        "enc2_bn": "enc1_bn2.",
        "tcn": "enc1.",
        "enc3_conv": "enc2_conv.",
        "enc3_bn": "enc2_bn.",
        "classifier": "fc.",
    }
    parity: ClassVar = {"unbiased_norm": True, "source_padding": True}
    strangers: ClassVar = {
        "cnn_bn.": "cnn_bn belongs to full_conv's v1, v2, v4: not in the zoo."
    }

    def nearest(self, arrays):
        tops = {name.split(".")[0] for name in arrays}
        found = tops & frozenset().union(*_PARTS.values())
        distance = {row: len(found ^ parts) for row, parts in _PARTS.items()}
        least = min(distance.values())
        nearest = [row for row in _PARTS if distance[row] == least]
        kernel = None
        if "enc1_conv1.weight" in arrays:
            *_, kernel = (None, *arrays["enc1_conv1.weight"].shape)
        alike = [row for row in nearest if _KERNELS.get(row) in (None, kernel)]
        return alike if alike and not least else (alike or nearest)[:1]

    def options(self, arrays, name):
        shapes = ((n, arrays[n].shape) for n in _CHANNELS if n in arrays)
        return {"width": infer_width([(s[0], _CHANNELS[n]) for n, s in shapes if s])}

    def count_classes(self, arrays):
        for name in ("fc.weight", "fc.bias"):
            if name in arrays and arrays[name].ndim:
                return len(arrays[name])
        return NUM_SPECIAL + 2

    def aliases(self, options):
        return {
            "enc1.net.0.": "enc1.conv1.",
            "enc1.net.1.": "enc1.norm_layer1.",
            "enc1.net.4.": "enc1.conv2.",
            "enc1.net.5.": "enc1.norm_layer2.",
        }

    def class_order(self, num_classes, keep_special=True):
        least = 2 if keep_special else NUM_SPECIAL + 2
        if num_classes < least:
            kept = "" if keep_special else " of which 4 are special and dropped"
            raise ValueError(
                f"The file has {num_classes} classes{kept}: blank and one gloss at the "
                f"least make {least}."
            )
        first, last = (0, num_classes - 1)
        if not keep_special:
            first, last = (1, num_classes - NUM_SPECIAL)
        return np.concatenate([[num_classes - 1], np.arange(first, last)])

    def class_names(self, glosses, num_classes, keep_special=True):
        glosses = list(glosses)
        words, others = num_classes - 1 - NUM_SPECIAL, num_classes - 1
        if len(glosses) == words:
            glosses = ["<PAD>", *glosses, "<UNK>", "<BOS>", "<EOS>"]
        if len(glosses) != others:
            raise ValueError(
                f"The file lists {len(glosses)} glosses, but the checkpoint has "
                f"{num_classes} classes: give its {words} glosses, or all {others} "
                "classes but the blank, <PAD> first."
            )
        order = self.class_order(num_classes, keep_special)
        return [glosses[place] for place in order[1:]]


@assignments.register
def _(layer: layers.FrameBackbone, prefix):
    """The stem is `conv`, `bn`; block n is `layers.n` with two units."""
    units = [("conv", "bn")]
    for block in range((len(layer.convolutions) - 1) // 2):
        units += [(f"layers.{block}.conv{n}", f"layers.{block}.bn{n}") for n in (1, 2)]
    found = []
    for index, (convolution, norm) in enumerate(units):
        kernel = layer.convolutions[index].kernel
        found.append(Assignment(kernel, (f"{prefix}{convolution}.weight",), CONV2D))
        found += assignments(layer.norms[index], f"{prefix}{norm}.")
    return found


@assignments.register
def _(layer: TemporalFusion, prefix):
    return assignments(layer.fuse.cell, f"{prefix}rnn.")


@assignments.register
def _(layer: layers.CausalTCNBlock, prefix):
    found = []
    for number in (1, 2):
        found += assignments(layer.convolutions[number - 1], f"{prefix}conv{number}.")
        found += assignments(layer.norms[number - 1], f"{prefix}norm_layer{number}.")
    if layer.shortcut is not None:  # a 1x1 convolution there
        found += kernel_and_bias(layer.shortcut, f"{prefix}downsample.", DENSE)
    return found


@assignments.register
def _(layer: layers.LocalTopKAttention, prefix):
    """There `beta` multiplies and `gamma` adds; the deviation is the unbiased one.

    With `unbiased_norm` the layer does the same. Without, the deviations differ by a
    factor that the scale takes over; what remains is the place of an epsilon of 1e-6.
    """
    found = []
    for number, name in enumerate(("query", "key", "value", "output")):
        dense = getattr(layer, f"{name}_dense")
        found += assignments(dense, f"{prefix}multihead_attn.linears.{number}.")
    units = layer.scale.shape[0]
    factor = 1 if layer.unbiased_norm else math.sqrt((units - 1) / units)
    scale = SAME if layer.unbiased_norm else scaled(factor)
    return [
        *found,
        Assignment(layer.scale, (f"{prefix}layernorm.beta",), scale),
        Assignment(layer.shift, (f"{prefix}layernorm.gamma",), SAME),
    ]
