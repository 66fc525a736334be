"""Which tensors of the source make which variables of a layer."""

import functools
import math
from typing import NamedTuple

import keras

from dtf_keras import layers
from dtf_keras.convert.layouts import (
    CONV1D,
    CONV2D,
    DENSE,
    GRU_BIAS,
    GRU_KERNEL,
    POINTWISE,
    SAME,
    Layout,
    scaled,
)
from dtf_keras.layers.fusion.temporal_fusion import TemporalFusion


class Assignment(NamedTuple):
    """One Keras variable and what it is made of.

    Attributes:
        variable: the `keras.Variable`.
        sources: names of the source's tensors.
        layout: how they become the variable.
    """

    variable: keras.Variable
    sources: tuple[str, ...]
    layout: Layout

    def shapes(self):
        """The shapes the source's tensors must have."""
        return [tuple(s) for s in self.layout.sources(tuple(self.variable.shape))]

    def value(self, tensors):
        """The variable's array, from a dict of the source's arrays."""
        return self.layout.fold(*[tensors[name] for name in self.sources])


@functools.singledispatch
def assignments(layer, prefix):
    """The `Assignment`s of a built layer.

    Args:
        layer: a layer of the package.
        prefix: name of the module in the source, `""` or ending in a dot.
    """
    raise TypeError(f"The source has nothing like {type(layer).__name__}.")


@assignments.register
def _(layer: keras.layers.Conv1D, prefix):
    return [
        Assignment(layer.kernel, (f"{prefix}weight",), CONV1D),
        Assignment(layer.bias, (f"{prefix}bias",), SAME),
    ]


@assignments.register
def _(layer: keras.layers.Dense, prefix, layout=DENSE):
    return [
        Assignment(layer.kernel, (f"{prefix}weight",), layout),
        Assignment(layer.bias, (f"{prefix}bias",), SAME),
    ]


@assignments.register
def _(layer: keras.layers.BatchNormalization, prefix):
    return [
        Assignment(layer.gamma, (f"{prefix}weight",), SAME),
        Assignment(layer.beta, (f"{prefix}bias",), SAME),
        Assignment(layer.moving_mean, (f"{prefix}running_mean",), SAME),
        Assignment(layer.moving_variance, (f"{prefix}running_var",), SAME),
    ]


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
    cell, rnn = layer.fuse.cell, f"{prefix}rnn."
    biases = (f"{rnn}bias_ih_l0", f"{rnn}bias_hh_l0")
    return [
        Assignment(cell.kernel, (f"{rnn}weight_ih_l0",), GRU_KERNEL),
        Assignment(cell.recurrent_kernel, (f"{rnn}weight_hh_l0",), GRU_KERNEL),
        Assignment(cell.bias, biases, GRU_BIAS),
    ]


@assignments.register
def _(layer: layers.CausalTCNBlock, prefix):
    found = []
    for number in (1, 2):
        found += assignments(layer.convolutions[number - 1], f"{prefix}conv{number}.")
        found += assignments(layer.norms[number - 1], f"{prefix}norm_layer{number}.")
    if layer.shortcut is not None:
        found += assignments(layer.shortcut, f"{prefix}downsample.", POINTWISE)
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
