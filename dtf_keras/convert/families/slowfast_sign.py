"""SlowFastSign, a network by Ahn and others."""

from typing import ClassVar

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.families.conv_and_sequence import (
    CONV,
    SEQUENCE,
    ConvAndSequence,
)
from dtf_keras.convert.layouts import CONV3D, SAME
from dtf_keras.layers.frames.slowfast import SlowFast

_PATHS = {"": "main", "slow_": "slow", "fast_": "fast"}
"""The paths after the backbone, in the order of their numbers in a file."""
_PLACES = {"conv1": 0, "bn1": 1, "conv2": 4, "bn2": 5}
_STAGES = range(2, 6)
_CHANNELS = (64, 8)  # of the slow and of the fast network's first stage


class SlowFastSign(ConvAndSequence):
    name = "slowfast_sign"
    networks = ("slowfast_sign",)
    marks = ("main_temporal_conv",)
    convolutions: ClassVar = {
        f"{path}temporal_{layer}": f"conv1d.{name}_temporal_conv.{place}."
        for path, name in _PATHS.items()
        for layer, place in _PLACES.items()
    }
    classifiers = tuple(f"{path}classifier" for path in _PATHS)
    channels: ClassVar = {
        f"conv2d.s{stage}.pathway{path}_res0.branch2.{part}.weight": first << doubled
        for path, first in enumerate(_CHANNELS)
        for stage in _STAGES
        for part, doubled in (("a", stage - 2), ("c", stage))
    }
    blocks: ClassVar = [rf"conv2d\.s{n}\.pathway0_res(\d+)\." for n in _STAGES]

    @property
    def modules(self):
        found = {"backbone": "conv2d.", **self.convolutions}
        for number, path in enumerate(_PATHS):
            found[f"{path}lstm"] = f"temporal_model.{number}."
            found[f"{path}classifier"] = f"{SEQUENCE}{number}."
        return found

    def count_classes(self, arrays):
        for head in (SEQUENCE, CONV):
            weight = arrays.get(f"{head}0.weight")
            if weight is not None and weight.ndim == 2:
                return weight.shape[1]
        return 2

    def aliases(self, options):
        return {CONV: SEQUENCE}


@assignments.register
def _(layer: SlowFast, prefix):
    found = []
    for number, path in enumerate(("slow", "fast")):
        module = f"{prefix}s1.pathway{number}_stem."
        found += assignments(getattr(layer, f"{path}_stem"), module)
        for block in getattr(layer, f"{path}_blocks"):  # slow2_0: the first of s3
            stage, place = block.name.removeprefix(path).split("_")
            module = f"{prefix}s{int(stage) + 1}.pathway{number}_res{place}."
            found += assignments(block, module)
    for number, fusion in enumerate(layer.fusions, 1):
        found += assignments(fusion, f"{prefix}s{number}_fuse.")
    return found


@assignments.register
def _(layer: layers.FrameStem, prefix):
    found = assignments(layer.conv, f"{prefix}conv.")
    return found + assignments(layer.bn, f"{prefix}bn.")


@assignments.register
def _(layer: layers.BottleneckBlock, prefix):
    found = []
    for number, letter in enumerate("abc", 1):
        for part, ending in (("conv", ""), ("bn", "_bn")):
            one = getattr(layer, f"{part}{number}")
            found += assignments(one, f"{prefix}branch2.{letter}{ending}.")
    if layer.downsample_conv is not None:
        found += assignments(layer.downsample_conv, f"{prefix}branch1.")
        found += assignments(layer.downsample_bn, f"{prefix}branch1_bn.")
    return found


@assignments.register
def _(layer: layers.TwoWayFusion, prefix):
    parts = {"to_slow": "conv_f2s", "slow_bn": "bn"}
    parts |= {"to_fast": "conv_s2f", "fast_bn": "bn2"}
    found = [
        Assignment(layer.slow_weight, (f"{prefix}weight_s",), SAME),
        Assignment(layer.fast_weight, (f"{prefix}weight_f",), SAME),
    ]
    for part, module in parts.items():
        found += assignments(getattr(layer, part), f"{prefix}{module}.")
    return found


@assignments.register
def _(layer: layers.StridedFrameConv, prefix):
    return [Assignment(layer.kernel, (f"{prefix}weight",), CONV3D)]
