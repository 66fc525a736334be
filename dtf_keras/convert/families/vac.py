"""VAC and SMKD: what their files call the parts of the layers they use.

Blank is class 0 there too. The networks after them have the same names for the same
parts.
"""

from dtf_keras import layers
from dtf_keras.convert.assignments import Assignment, assignments
from dtf_keras.convert.layouts import SAME


@assignments.register
def _(layer: layers.ResNet, prefix):
    found = assignments(layer.conv1, f"{prefix}conv1.")
    found += assignments(layer.bn1, f"{prefix}bn1.")
    for block in layer.residual_blocks:  # layer2_0 here, layer2.0 there
        found += assignments(block, f"{prefix}{block.name.replace('_', '.')}.")
    return found


@assignments.register
def _(layer: layers.ResidualBlock, prefix):
    found = []
    for part in ("conv1", "bn1", "conv2", "bn2"):
        found += assignments(getattr(layer, part), f"{prefix}{part}.")
    if layer.downsample_conv is not None:
        found += assignments(layer.downsample_conv, f"{prefix}downsample.0.")
        found += assignments(layer.downsample_bn, f"{prefix}downsample.1.")
    return found


@assignments.register
def _(layer: layers.BiLSTM, prefix):
    found = []
    for lstms, ending in ((layer.forwards, ""), (layer.backwards, "_reverse")):
        for number, lstm in enumerate(lstms):
            found += assignments(lstm.cell, f"{prefix}rnn.", f"l{number}{ending}")
    return found


@assignments.register
def _(layer: layers.NormScaledDense, prefix):
    return [Assignment(layer.kernel, (f"{prefix}weight",), SAME)]
