"""What a model costs, counted from its layers."""

import math

import keras

from dtf_keras.models.build import build

_CLIP_FRAMES = 100


def flops_per_frame(name, config):
    """Floating-point operations of a forward pass, per frame of a 100-frame clip.

    Two a multiply-add of convolutions, dense layers, GRU steps and similarities;
    normalisation, activations and pooling are left out.
    """
    model = build(name, config, num_frames=_CLIP_FRAMES)
    total = sum(_macs(layer) for layer in model.layers)
    return 2 * total // _CLIP_FRAMES


def _macs(layer):
    if hasattr(layer, "count_macs"):
        return layer.count_macs(layer.input.shape[1:])
    if isinstance(layer, keras.layers.Conv1D | keras.layers.Dense):
        return layer.output.shape[1] * math.prod(layer.kernel.shape)
    return 0
