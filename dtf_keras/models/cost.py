"""What a model costs, counted from its layers."""

import math

import keras

from dtf_keras.models.build import outline

_CLIP_FRAMES = 100


def flops_per_frame(name, config):
    """Floating-point operations from clips to logits, per frame of a 100-frame clip.

    Two a multiply-add of convolutions, dense layers, GRU steps and similarities;
    normalisation, activations and pooling are left out.
    """
    model = outline(name, config, num_frames=_CLIP_FRAMES)
    return 2 * sum(map(_macs, model.time_axis.moves)) // _CLIP_FRAMES


def _macs(move):
    if hasattr(move.layer, "count_macs"):
        return move.layer.count_macs(move.sources[0].shape[1:])
    if isinstance(move.layer, keras.layers.Conv1D | keras.layers.Dense):
        return move.target.shape[1] * math.prod(move.layer.kernel.shape)
    return 0
