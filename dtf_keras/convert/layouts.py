"""How a tensor of torch is laid out in Keras: known once, for all families."""

import dataclasses
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True)
class Layout:
    """The way from one or two tensors of torch to one Keras variable.

    Attributes:
        about: the change in a few words, for tables.
        fold: arrays of torch -> the array of the variable.
        sources: shape of the variable -> shapes that the tensors have.
    """

    about: str
    fold: Callable
    sources: Callable


SAME = Layout("as it is", lambda x: x, lambda s: [s])
DENSE = Layout("transposed", lambda x: x.T, lambda s: [(s[1], s[0])])
CONV1D = Layout(
    "transposed", lambda x: x.transpose(2, 1, 0), lambda s: [(s[2], s[1], s[0])]
)
CONV2D = Layout(
    "transposed",
    lambda x: x.transpose(2, 3, 1, 0),
    lambda s: [(s[3], s[2], s[0], s[1])],
)
DEPTHWISE1D = Layout(
    "transposed", lambda x: x.transpose(2, 0, 1), lambda s: [(s[1], s[2], s[0])]
)
DEPTHWISE3D = Layout(
    "transposed",
    lambda x: x[:, 0].transpose(1, 2, 3, 0),
    lambda s: [(s[3], 1, *s[:3])],
)

CONV3D = Layout(
    "transposed",
    lambda x: x.transpose(2, 3, 4, 1, 0),
    lambda s: [(s[4], s[3], *s[:3])],
)


def _update_first(x):
    """Gates r, z, n of torch along axis 0 in Keras' order z, r, h."""
    reset, update, candidate = np.split(x, 3)
    return np.concatenate([update, reset, candidate])


GRU_KERNEL = Layout(
    "gates r,z,n to z,r,h; transposed",
    lambda x: _update_first(x).T,
    lambda s: [(s[1], s[0])],
)
GRU_BIAS = Layout(
    "gates r,z,n to z,r,h; both biases",
    lambda x, y: np.stack([_update_first(x), _update_first(y)]),
    lambda s: [(s[1],), (s[1],)],
)
LSTM_KERNEL = Layout(
    "gates i,f,c,o as they are; transposed", lambda x: x.T, lambda s: [(s[1], s[0])]
)
LSTM_BIAS = Layout(
    "gates i,f,c,o as they are; both biases added",
    lambda x, y: x + y,
    lambda s: [s, s],
)


def scaled(factor):
    """A vector times a number: the fold of another definition of a deviation."""
    return Layout(f"times {factor:.6f}", lambda x: x * factor, lambda s: [s])


def element(place, count):
    """A number of a vector that holds those of several layers.

    Args:
        place: which it is.
        count: how many there are.
    """
    return Layout(
        f"number {place + 1} of {count}", lambda x: x[place], lambda s: [(count,)]
    )


def by_class(layout, order, num_classes):
    """`layout` of a classifier's tensors, their classes in another order.

    Args:
        layout: of a variable whose last axis counts classes.
        order: int `[V]`, the file's class of each class here.
        num_classes: number of the file's classes.
    """
    change = "classes in another order"
    return Layout(
        change if layout is SAME else f"{layout.about}; {change}",
        lambda *x: layout.fold(*x)[..., order],
        lambda shape: layout.sources((*shape[:-1], num_classes)),
    )


def without_ones(array, shape):
    """A kernel's array in `shape`, if they differ by sizes of 1 alone.

    Torch has more axes where Keras needs none: a 1x1 convolution that is a dense layer
    here, and a kernel of one frame in three dimensions, `[out, in, 1, k, k]`.

    Args:
        array: the tensor.
        shape: what the variable asks for.

    Returns:
        The array, of shape `shape` if it fits.
    """
    (head, tail), (asked, rest) = ((s[:2], s[2:]) for s in (array.shape, shape))
    more = len(array.shape) > len(shape) >= 2
    if more and head == asked and _sizes(tail) == _sizes(rest):
        return array.reshape(shape)
    return array


def _sizes(shape):
    return [size for size in shape if size != 1]
