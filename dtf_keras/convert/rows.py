"""Which network of the source some tensors are, and how wide it is."""

import difflib

from dtf_keras import models

MODULES = {
    "backbone": "",
    "fusion": "tcna.",
    "pooled_fusion": "tcna2.",
    "attention": "attn_enc.enc_layers.0.",
    "enc1_conv": "enc1_conv1.",
    "enc1_bn": "enc1_bn1.",
    "enc2_conv": "enc1_conv2.",
    "enc2_bn": "enc1_bn2.",
    "tcn": "enc1.",
    "enc3_conv": "enc2_conv.",
    "enc3_bn": "enc2_bn.",
    "classifier": "fc.",
}
"""The source's module for each layer of a zoo model that has weights."""

_TWO = frozenset(["enc1_conv1", "enc1_conv2"])
_PARTS = {
    "full_conv": _TWO,
    "full_conv_v3": _TWO | {"attn_enc"},
    "full_conv_v5": _TWO | {"tcna"},
    "full_conv_v6": frozenset(["tcna", "enc1_conv1"]),
    "full_conv_v7": frozenset(["tcna", "enc1"]),
    "full_conv_v8": frozenset(["tcna", "enc1"]),
    "full_conv_v9": _TWO | {"tcna", "tcna2"},
    "full_conv_v10": _TWO | {"tcna2"},
    "full_conv_v11": _TWO | {"tcna", "tcna2"},
}
"""The modules that tell the rows apart."""

_KERNELS = {"full_conv_v9": 5, "full_conv_v11": 3}
"""Kernel size of `enc1_conv1`, where the modules are alike."""

_CHANNELS = {
    "conv.weight": 32,
    **{f"layers.{n}.conv{c}.weight": 64 << n for n in range(4) for c in (1, 2)},
    "enc2_conv.weight": 1024,
}
"""Output channels at width 1, of the tensors that tell the width."""


def known_rows():
    """Names of the zoo models that have a row in the source."""
    return list(_PARTS)


def require_row(name):
    """Checks that `name` has a row in the source.

    Raises:
        ValueError: it has none; names the closest ones.
    """
    models.entry(name)
    if name not in _PARTS:
        close = difflib.get_close_matches(name, _PARTS, n=2)
        raise ValueError(
            f"Model {name!r} is not a network of the source. "
            f"Its networks: {', '.join(close or _PARTS)}."
        )


def matching_rows(shapes):
    """The rows that have the modules of some tensors.

    Args:
        shapes: dict of torch names to shapes.

    Returns:
        Names of the nearest rows, and whether they have just these modules.
    """
    tops = {name.split(".")[0] for name in shapes}
    found = tops & frozenset().union(*_PARTS.values())
    distance = {row: len(found ^ parts) for row, parts in _PARTS.items()}
    least = min(distance.values())
    nearest = [row for row in _PARTS if distance[row] == least]
    kernel = shapes.get("enc1_conv1.weight", (None,))[-1:]
    fitting = [row for row in nearest if (_KERNELS.get(row),) == kernel]
    return fitting or nearest[:1], least == 0


def infer_width(shapes):
    """The factor on all channel counts that most tensors agree with.

    A count c of a layer with b channels at width 1 comes from any width between
    (c - 0.5)/b and (c + 0.5)/b; the shortest decimal in the narrowest common range is
    taken.

    Args:
        shapes: dict of torch names to shapes.

    Returns:
        float; 1.0 if no tensor tells.
    """
    counts = [(shapes[n][0], base) for n, base in _CHANNELS.items() if shapes.get(n)]
    if not counts:
        return 1.0
    ranges = [
        ((count - 0.5) / base if count > 1 else 0, (count + 0.5) / base)
        for count, base in counts
    ]
    low = max(sorted(low for low, _ in ranges), key=lambda x: _holding(x, ranges))
    around = [r for r in ranges if r[0] <= low < r[1]]
    low, high = max(low for low, _ in around), min(high for _, high in around)
    for digits in range(8):
        width = round((low + high) / 2, digits)
        if low < width < high:
            return width
    return (low + high) / 2


def _holding(x, ranges):
    return sum(low <= x < high for low, high in ranges)
