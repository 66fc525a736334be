"""What layers do to the time axis: how many steps, how far they see, where steps lie.

Every layer that reads frames or steps says it, by a method `time_geometry()`; nobody
else does arithmetic with strides. `dtf_keras.models.TimeAxis` puts those of a model
together.
"""

import dataclasses
from collections.abc import Callable

import keras


def _every(count):
    return count


def _where_they_were(places):
    return places


@dataclasses.dataclass(frozen=True)
class TimeGeometry:
    """What one layer does to the time axis, counted in its own input steps.

    Attributes:
        steps: function from real input steps n, int, to real output steps; to the most
            there can be where their number depends on what is in the clip.
        places: function from the places of the input steps, int `[n]` ascending
            (where each lies in the clip), to those of the output steps; `None` where
            they depend on what is in the clip: then the layer has `ChosenNeighbours`.
        before: input steps that an output step reads before the one at its place;
            `None` if it may read the whole clip.
        after: the same after it.
        stride: input steps between two output steps, on average if they are not even.
        gap: the most input steps between two output steps, if they are not even.
        grid: a part of a clip gives the steps that the whole clip has there, if it
            begins at a multiple of so many input steps; `None`: of `stride`.
    """

    steps: Callable = _every
    places: Callable | None = _where_they_were
    before: int | None = 0
    after: int | None = 0
    stride: int = 1
    gap: int | None = None
    grid: int | None = None

    @property
    def bounded(self):
        """Whether an output step reads a bounded part of a clip."""
        return self.before is not None


STEP_BY_STEP = TimeGeometry()
"""Of a layer whose output step reads the input step at its place and nothing else."""

WHOLE_CLIP = TimeGeometry(before=None, after=None)
"""Of a layer with as many steps as before, each of which may read the whole clip."""

_STEP_BY_STEP = (
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.BatchNormalization,
    keras.layers.Concatenate,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.Identity,
    keras.layers.LayerNormalization,
    keras.layers.ReLU,
    keras.layers.Rescaling,
)
"""Keras' own layers that may stand between the frames and the logits."""


def same_convolution(kernel_size, dilation=1):
    """The `TimeGeometry` of a convolution that keeps the number of steps."""
    reach = (kernel_size - 1) * dilation
    return TimeGeometry(before=reach // 2, after=reach - reach // 2)


def causal_convolution(kernel_size, dilation=1):
    """The `TimeGeometry` of a convolution that looks back only."""
    return TimeGeometry(before=(kernel_size - 1) * dilation, after=0)


def valid_convolution(kernel_size):
    """The `TimeGeometry` of a convolution without padding: k - 1 steps fewer.

    A step lies where the middle of its kernel is.
    """
    before = (kernel_size - 1) // 2
    after = kernel_size - 1 - before
    return TimeGeometry(
        steps=lambda n: max(n - before - after, 0),
        places=lambda places: places[before : max(len(places) - after, before)],
        before=before,
        after=after,
    )


def pooling(size):
    """The `TimeGeometry` of a pooling whose stride is its size; n // size steps.

    A step lies where the first of its input steps does.
    """
    return TimeGeometry(
        steps=lambda n: n // size,
        places=lambda places: places[: len(places) // size * size : size],
        before=0,
        after=size - 1,
        stride=size,
    )


def geometry_of(layer):
    """The `TimeGeometry` of a layer.

    Raises:
        TypeError: a layer that does not say it, and is none of Keras' that need not.
    """
    if hasattr(layer, "time_geometry"):
        return layer.time_geometry()
    if isinstance(layer, _STEP_BY_STEP):
        return STEP_BY_STEP
    raise TypeError(
        f"Layer {layer.name!r} ({type(layer).__name__}) does not say what it does to "
        "the time axis: give its class a method time_geometry() that returns a "
        "dtf_keras.layers.TimeGeometry."
    )
