"""ResNets that learnt ImageNet, as torchvision and KerasHub publish them.

Both compute what the layer `ResNet` does. They learnt on pixels from which ImageNet's
mean was taken, in units of its deviation. VAC and the networks after it start from such
weights and feed them pixels of -1..1 all the same, and so do their models here.
"""

import re

import keras
import numpy as np

from dtf_keras.convert.assignments import assignments
from dtf_keras.convert.layouts import without_ones
from dtf_keras.convert.tensors import StateDictError
from dtf_keras.models.layer_paths import weight_shapes
from dtf_keras.zoo.weights_file import LoadedLayers

_PARTS = ("conv1", "bn1", "conv2", "bn2", "downsample_conv", "downsample_bn")
_IN_TORCH = {"downsample_conv": "downsample.0", "downsample_bn": "downsample.1"}
_IN_KERAS_HUB = {"conv1_conv": "conv1", "conv1_bn": "bn1"}
_VARIABLES = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_CLASSIFIER = ("fc.weight", "fc.bias")
_COUNTER = "num_batches_tracked"


class KerasHubError(ValueError):
    """A preset of KerasHub that cannot be had."""


def load_resnet(resnet, tensors):
    """Gives a `ResNet` the weights of ImageNet, all of them or none.

    Layers that were put into it stay as they are.

    Args:
        resnet: built `dtf_keras.layers.ResNet`.
        tensors: dict of torchvision's names to arrays.

    Returns:
        `dtf_keras.zoo.weights_file.LoadedLayers`, their paths beginning in the ResNet.

    Raises:
        StateDictError: a tensor is missing, unknown, of another shape or not finite;
            names the first.
    """
    found = {
        path: assignments(layer, f"{name}.") for path, name, layer in _parts(resnet)
    }
    every = [one for of_layer in found.values() for one in of_layer]
    _require_fit(every, tensors)
    for one in every:
        one.variable.assign(one.value(tensors))
    fresh = [path for path in weight_shapes(resnet) if path not in found]
    unused = tuple(name for name in _CLASSIFIER if name in tensors)
    return LoadedLayers(tuple(found), dict.fromkeys(fresh, "not in the file"), unused)


def keras_hub_tensors(preset):
    """The weights of a ResNet of KerasHub, which may download them.

    Args:
        preset: such as `resnet_18_imagenet`.

    Returns:
        Dict of torchvision's names to arrays.

    Raises:
        KerasHubError: KerasHub is not installed, or the preset is none of a ResNet or
            cannot be downloaded.
    """
    try:
        import keras_hub
    except ImportError as error:
        raise KerasHubError(
            f"{preset} is no file or folder, and a preset of KerasHub needs keras_hub, "
            'which is not installed: pip install "dtf_keras[keras-hub]"'
        ) from error
    try:
        backbone = keras_hub.models.ResNetBackbone.from_preset(preset, dtype="float32")
    except Exception as error:  # its downloaders have errors of their own
        why = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise KerasHubError(
            f"{preset} is no file or folder, and KerasHub has no ResNet of that name "
            f"to load: {why}"
        ) from error
    tensors = {}
    for layer in backbone.layers:
        name = _torch_name(layer.name)
        for variable in layer.weights:
            array = keras.ops.convert_to_numpy(variable)
            if array.ndim == 4:
                array = array.transpose(3, 2, 0, 1)
            tensors[f"{name}.{_VARIABLES.get(variable.name, variable.name)}"] = array
    return tensors


def _parts(resnet):
    """The layers of a ResNet but for those put into it: path, torch's name, layer."""
    for part in ("conv1", "bn1"):
        yield part, part, getattr(resnet, part)
    for block in resnet.residual_blocks:
        for part in _PARTS:
            layer = getattr(block, part)
            if layer is not None:
                name = f"{block.name.replace('_', '.')}.{_IN_TORCH.get(part, part)}"
                yield f"{block.name}/{part}", name, layer


def _require_fit(every, tensors):
    shapes = {
        name: shape
        for one in every
        for name, shape in zip(one.sources, one.shapes(), strict=True)
    }
    for name, shape in shapes.items():
        if name not in tensors:
            raise StateDictError(f"there is no {name}")
        found = without_ones(tensors[name], shape).shape
        if found != shape:
            raise StateDictError(f"{name} is {found}, and {shape} here")
        if not np.isfinite(tensors[name]).all():
            raise StateDictError(f"{name} has NaN or infinite numbers")
    for name in tensors:
        if name not in (*shapes, *_CLASSIFIER) and not name.endswith(_COUNTER):
            raise StateDictError(f"there is a {name} too")


def _torch_name(name):
    """`stack1_block0_2_bn` of KerasHub is `layer2.0.bn2` of torchvision."""
    found = re.fullmatch(r"stack(\d+)_block(\d+)_(\d)_(conv|bn)", name)
    if not found:
        return _IN_KERAS_HUB.get(name, name)
    stack, block, number, kind = found.groups()
    part = f"{kind}{number}" if int(number) else _IN_TORCH[f"downsample_{kind}"]
    return f"layer{int(stack) + 1}.{block}.{part}"
