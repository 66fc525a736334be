"""A ResNet of ImageNet as others publish it, narrowed: their names, random numbers."""

import functools
import sys
import types

import keras
import numpy as np

from tests.helpers import published, small


@functools.cache
def tensors(blocks=small.FEW["blocks"]):
    """Its tensors by torchvision's names, classifier and counters of batches too."""
    found = {
        name.removeprefix("conv2d."): array
        for name, array in published.state_dict("vac").items()
        if name.startswith("conv2d.") and _is_in(name.split("."), blocks)
    }
    classifier = {"fc.weight": (10, 32), "fc.bias": (10,)}
    return found | {n: np.zeros(shape, "float32") for n, shape in classifier.items()}


def _is_in(name, blocks):
    """Whether `conv2d.layer2.0.conv1.weight`, in parts, is of a ResNet's blocks."""
    if not name[1].startswith("layer"):
        return True
    stage, block = int(name[1][-1]), int(name[2])
    return stage <= len(blocks) and block < blocks[stage - 1]


def install_keras_hub(monkeypatch, tensors, name="resnet_18_imagenet"):
    """Makes `import keras_hub` give a stand-in that has this one preset.

    Of the backbone there are the layers that have weights, named as there.
    """
    layers = {}
    for tensor, array in tensors.items():
        module, _, variable = tensor.rpartition(".")
        layers.setdefault(module, {})[variable] = array
    del layers["fc"]

    def from_preset(preset, dtype):
        if preset != name:
            raise ValueError(f"Unknown preset {preset}.\nOne of: ...")
        made = [_layer(module, own) for module, own in layers.items()]
        return types.SimpleNamespace(layers=[keras.layers.ReLU(), *made])

    backbone = types.SimpleNamespace(from_preset=from_preset)
    hub = types.ModuleType("keras_hub")
    hub.models = types.SimpleNamespace(ResNetBackbone=backbone)
    monkeypatch.setitem(sys.modules, "keras_hub", hub)


def _layer(module, own):
    if "running_mean" in own:
        layer = keras.layers.BatchNormalization(name=_hub_name(module, "bn"))
        order = ("weight", "bias", "running_mean", "running_var")
        values = [own[variable] for variable in order]
        layer.build((None, *values[0].shape))
    else:
        values = [own["weight"].transpose(2, 3, 1, 0)]
        size, _, units, filters = values[0].shape
        name = _hub_name(module, "conv")
        layer = keras.layers.Conv2D(filters, size, use_bias=False, name=name)
        layer.build((None, 8, 8, units))
    layer.set_weights(values)
    return layer


def _hub_name(module, kind):
    """`layer2.0.downsample.1` is `stack1_block0_0_bn` there."""
    if "." not in module:
        return f"conv1_{kind}"
    stage, block, part, *_ = module.split(".")
    number = 0 if part == "downsample" else part[-1]
    return f"stack{int(stage[-1]) - 1}_block{block}_{number}_{kind}"
