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
    total = sum(
        _macs(layer, node)
        for layer in model.layers
        for node in layer._inbound_nodes  # a layer may be called several times
    )
    return 2 * total // _CLIP_FRAMES


def _macs(layer, node):
    if hasattr(layer, "count_macs"):
        return layer.count_macs(node.input_tensors[0].shape[1:])
    if isinstance(layer, keras.layers.Conv1D | keras.layers.Dense):
        return node.output_tensors[0].shape[1] * math.prod(layer.kernel.shape)
    return 0
