"""What is wrong with tensors that should be those of a network."""

import numpy as np


def list_problems(assignments, arrays, differing):
    """All that is wrong, a line a kind; an empty text if nothing is.

    Args:
        assignments: every `Assignment` of the model.
        arrays: the source's names and arrays.
        differing: pairs of a second name and a first name with other values.
    """
    expected = {
        name: shape
        for one in assignments
        for name, shape in zip(one.sources, one.shapes(), strict=True)
    }
    shared = [name for name in expected if name in arrays]
    kinds = {
        "missing": [name for name in expected if name not in arrays],
        "unknown": [name for name in arrays if name not in expected],
        "of another shape": [
            f"{name} {arrays[name].shape}, expected {expected[name]}"
            for name in shared
            if arrays[name].shape != expected[name]
        ],
        "not finite": [name for name in shared if not np.isfinite(arrays[name]).all()],
        "unlike their second name": [
            f"{first} and {second}" for second, first in differing
        ],
    }
    lines = [f"  {kind}: {'; '.join(names)}" for kind, names in kinds.items() if names]
    if any(name.startswith("cnn_bn.") for name in arrays):
        lines.append("  cnn_bn belongs to the source's v1, v2, v4: not in the zoo.")
    return "\n".join(lines)
