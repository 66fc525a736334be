"""How a tensor of the source is laid out here: permutations, and no arithmetic."""

import dataclasses
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True)
class Layout:
    """The way from one or two source tensors to one Keras variable.

    Attributes:
        about: the change in a few words, for tables.
        fold: source arrays -> the array of the variable.
        sources: shape of the variable -> shapes the source tensors must have.
    """

    about: str
    fold: Callable
    sources: Callable


SAME = Layout("as it is", lambda x: x, lambda shape: [shape])
DENSE = Layout("transposed", lambda x: x.T, lambda s: [(s[1], s[0])])
POINTWISE = Layout(
    "1x1 convolution to dense",
    lambda x: x[:, :, 0].T,
    lambda s: [(s[1], s[0], 1)],
)
CONV1D = Layout(
    "transposed", lambda x: x.transpose(2, 1, 0), lambda s: [(s[2], s[1], s[0])]
)
CONV2D = Layout(
    "transposed",
    lambda x: x.transpose(2, 3, 1, 0),
    lambda s: [(s[3], s[2], s[0], s[1])],
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


def scaled(factor):
    """A vector times a number: the fold of another definition of a deviation."""
    return Layout(f"times {factor:.6f}", lambda x: x * factor, lambda s: [s])


def by_class(layout, order, num_classes):
    """`layout` of the classifier's tensors, their classes in another order.

    Args:
        layout: `DENSE` or `SAME`.
        order: int `[V]`, the source's class of each class here.
        num_classes: number of the source's classes.
    """

    def sources(shape):
        (source,) = layout.sources(shape)
        return [(num_classes, *source[1:])]

    about = "blank first" if layout is SAME else f"{layout.about}; blank first"
    return Layout(about, lambda x: layout.fold(x[order]), sources)
