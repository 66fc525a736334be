"""Where an output step of a model lies in time, and how far around it it sees."""

import dataclasses
import itertools

import keras
import numpy as np

from dtf_keras.layers import (
    BlankPadding,
    CausalTCNBlock,
    FrameBackbone,
    HashMapMerge,
    MaskedConv1D,
    MaskedMaxPooling1D,
    TemporalAttention3,
    TemporalFusion,
)

_STEP_BY_STEP = (
    BlankPadding,
    keras.layers.Activation,
    keras.layers.BatchNormalization,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.LayerNormalization,
    keras.layers.ReLU,
)


@dataclasses.dataclass(frozen=True)
class TimeAxis:
    """How the layers after the frame backbone change the time axis.

    Attributes:
        layers: those that drop or fuse frames, in order.
        before: frames that an output step sees before its own first frame.
        after: frames that it sees after that one.
        stride: frames between two steps, or 1 where they are not even.

    `before` and `after` are `None` where no bound is known: a layer that looks at the
    whole clip (sampled anchors, whose places depend on the clip's length; attention
    with a rank over all steps) or one that is not known here.
    """

    layers: tuple
    before: int | None
    after: int | None
    stride: int

    def trace(self, num_frames, anchors):
        """First frame of each step, along the layers.

        Args:
            num_frames: frames of the clip.
            anchors: dict of the name of each fusion layer that drops frames to the
                steps it keeps, int `[A]`, its real ones.

        Returns:
            int `[T']`, first frame of each output step, and a dict of the name of each
            fusion layer to those of its input steps.
        """
        frames, inputs = np.arange(num_frames), {}
        for layer in self.layers:
            if isinstance(layer, MaskedMaxPooling1D):
                size = layer.pool_size
                frames = frames[: len(frames) // size * size : size]
            elif isinstance(layer, TemporalFusion):
                inputs[layer.name] = frames
                if not layer.every_frame:
                    frames = frames[anchors[layer.name]]
        return frames, inputs


def time_axis(model):
    """The `TimeAxis` of a model, read off its layers.

    Args:
        model: `dtf_keras.models.Recognizer`, or any model with one `FrameBackbone`.

    Raises:
        ValueError: as `backbone_of`.
    """
    layers, is_chain = _after_backbone(model)
    moving = tuple(
        layer
        for layer in layers
        if isinstance(layer, MaskedMaxPooling1D | TemporalFusion)
    )
    before = after = 0
    stride = gap = 1  # frames between two steps: exactly, and at most
    for layer in layers:
        reach = _reach(layer)
        uneven = isinstance(layer, MaskedMaxPooling1D) and gap != stride
        if reach is None or uneven or not is_chain:
            return TimeAxis(moving, None, None, 1)
        before, after = before + gap * reach[0], after + gap * reach[1]
        if isinstance(layer, MaskedMaxPooling1D):
            stride = gap = stride * layer.pool_size
        elif isinstance(layer, HashMapMerge):
            # A kept frame is at most that far from the next: see `_reach`.
            stride, gap = 1, gap * (2 * layer.window - 1)
    return TimeAxis(moving, before, after, stride)


def _reach(layer):
    """Steps that a layer sees before and after its own; `None` if not bounded."""
    if isinstance(layer, _STEP_BY_STEP):
        return 0, 0
    if isinstance(layer, MaskedMaxPooling1D):
        return 0, layer.pool_size - 1
    if isinstance(layer, MaskedConv1D):
        reach = (layer.kernel_size[0] - 1) * layer.dilation_rate[0]
        left = reach if layer.padding == "causal" else reach // 2
        return left, reach - left
    if isinstance(layer, CausalTCNBlock):
        return 2 * (layer.kernel_size - 1) * layer.dilation, 0
    if isinstance(layer, TemporalAttention3):
        return layer.window - 1, layer.window - 1
    if isinstance(layer, HashMapMerge) and not layer.source_padding:
        # Equal neighbourhoods are at most 2(k-1) frames apart; each reaches k-1.
        return 3 * (layer.window - 1), layer.window - 1
    return None


def _after_backbone(model):
    """The layers after the frame backbone, in order, and whether they are a chain."""
    layers = model.layers
    place = layers.index(backbone_of(model))
    chain = all(b.input is a.output for a, b in itertools.pairwise(layers[place:]))
    return layers[place + 1 :], chain


def backbone_of(model):
    """The `FrameBackbone` of a model.

    Raises:
        ValueError: it has none, or several.
    """
    found = [layer for layer in model.layers if isinstance(layer, FrameBackbone)]
    if len(found) != 1:
        raise ValueError(
            f"Model {model.name!r} has {len(found)} FrameBackbone layers: recognising "
            "clips needs a model with one, such as those of the zoo."
        )
    return found[0]
