"""Which tensors of torch make which variables of a layer.

Here are Keras' own layers, which have one module in torch that does the same. What a
family calls the parts of a layer of the package, the family says in its own file.
"""

import functools
from typing import NamedTuple

import keras

from dtf_keras.convert.layouts import (
    CONV1D,
    CONV2D,
    DENSE,
    DEPTHWISE1D,
    GRU_BIAS,
    GRU_KERNEL,
    LSTM_BIAS,
    LSTM_KERNEL,
    SAME,
    Layout,
    without_ones,
)


class Assignment(NamedTuple):
    """One Keras variable and what it is made of.

    Attributes:
        variable: the `keras.Variable`.
        sources: names of torch's tensors.
        layout: how they become the variable.
    """

    variable: keras.Variable
    sources: tuple[str, ...]
    layout: Layout

    def shapes(self):
        """The shapes the tensors must have, up to axes of size 1 (`without_ones`)."""
        return [tuple(s) for s in self.layout.sources(tuple(self.variable.shape))]

    def value(self, tensors):
        """The variable's array, from a dict of torch's arrays."""
        arrays = zip(self.sources, self.shapes(), strict=True)
        return self.layout.fold(*[without_ones(tensors[n], s) for n, s in arrays])


@functools.singledispatch
def assignments(layer, prefix):
    """The `Assignment`s of a built layer.

    Args:
        layer: a layer of Keras or of the package.
        prefix: name of the module in torch, `""` or ending in a dot.
    """
    raise TypeError(f"No family of networks has anything like {type(layer).__name__}.")


def kernel_and_bias(layer, prefix, layout):
    """The `Assignment`s of a layer with a kernel, and a bias if it has one."""
    found = [Assignment(layer.kernel, (f"{prefix}weight",), layout)]
    if layer.bias is not None:
        found.append(Assignment(layer.bias, (f"{prefix}bias",), SAME))
    return found


@assignments.register
def _(layer: keras.layers.Conv1D, prefix):
    return kernel_and_bias(layer, prefix, CONV1D)


@assignments.register
def _(layer: keras.layers.DepthwiseConv1D, prefix):
    return kernel_and_bias(layer, prefix, DEPTHWISE1D)


@assignments.register
def _(layer: keras.layers.Conv2D, prefix):
    return kernel_and_bias(layer, prefix, CONV2D)


@assignments.register
def _(layer: keras.layers.Dense, prefix):
    return kernel_and_bias(layer, prefix, DENSE)


@assignments.register
def _(layer: keras.layers.BatchNormalization, prefix):
    return [
        Assignment(layer.gamma, (f"{prefix}weight",), SAME),
        Assignment(layer.beta, (f"{prefix}bias",), SAME),
        Assignment(layer.moving_mean, (f"{prefix}running_mean",), SAME),
        Assignment(layer.moving_variance, (f"{prefix}running_var",), SAME),
    ]


@assignments.register
def _(cell: keras.layers.GRUCell, prefix, which="l0"):
    return _recurrent(cell, prefix, which, GRU_KERNEL, GRU_BIAS)


@assignments.register
def _(cell: keras.layers.LSTMCell, prefix, which="l0"):
    return _recurrent(cell, prefix, which, LSTM_KERNEL, LSTM_BIAS)


def _recurrent(cell, prefix, which, kernel, bias):
    """The `Assignment`s of one layer and direction, as torch numbers them.

    Args:
        cell: a cell of Keras.
        prefix: name of the whole stack in torch, ending in a dot.
        which: `"l0"`, or `"l1_reverse"` for the second layer's backward direction.
        kernel: layout of the two kernels.
        bias: layout of the bias, which torch has in two parts.
    """
    biases = (f"{prefix}bias_ih_{which}", f"{prefix}bias_hh_{which}")
    return [
        Assignment(cell.kernel, (f"{prefix}weight_ih_{which}",), kernel),
        Assignment(cell.recurrent_kernel, (f"{prefix}weight_hh_{which}",), kernel),
        Assignment(cell.bias, biases, bias),
    ]
