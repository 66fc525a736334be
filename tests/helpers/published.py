"""State dicts of published networks, narrowed: their names, random numbers."""

import collections
import random

import numpy as np

from dtf_keras import convert
from tests.helpers import golden_recipe, network_recipe

WIDTH = 0.0625
_TWINS = ("full_conv_v7", "full_conv_v8")  # one set of tensors, two networks

every_network = convert.convertible()


def state_dict(name, width=WIDTH, num_classes=20):
    """The tensors of a network, by torch's names; second names included."""
    make = _MAKE.get(convert.family_of(name).name, network_recipe.narrow)
    return make(name, width, num_classes)


def told_name(name):
    """What the converter has to be told: the name, if the tensors do not tell it."""
    return name if name in _TWINS else None


def trainers_file(state_dict):
    """What a trainer saves around a state dict, with torch: all of its parts.

    The backbone was spread over several devices, so that `module` is in its names.
    """
    import torch

    tensors = {n: torch.tensor(x) for n, x in state_dict.items()}
    floats = [x for x in tensors.values() if x.is_floating_point()]
    trained = [torch.nn.Parameter(x.clone()) for x in floats]
    optimizer = torch.optim.Adam(trained, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [20, 35], 0.2)
    for tensor in trained:
        tensor.grad = torch.ones_like(tensor)
    optimizer.step()
    scheduler.step()
    wrapped = collections.OrderedDict()
    for name, tensor in tensors.items():
        top, _, rest = name.partition(".")
        inside = top in ("conv2d", "layers")
        wrapped[f"{top}.module.{rest}" if inside else name] = tensor
    return {
        "epoch": 39,
        "model_state_dict": wrapped,
        "optimizer_state_dict": optimizer.state_dict(),
        "scheduler_state_dict": scheduler.state_dict(),
        "rng_state": {
            "torch": torch.get_rng_state(),
            "cuda": [torch.get_rng_state()],
            "numpy": np.random.get_state(),
            "random": random.getstate(),
        },
    }


def _slowfast(_, width, num_classes):
    return network_recipe.narrow("slowfast", width, num_classes, blocks=2)


_MAKE = {
    "full_conv": golden_recipe.narrow,
    "slowfast_sign": _slowfast,
}
