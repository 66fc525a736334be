"""What is wrong with tensors that should be those of a network."""

import numpy as np

from dtf_keras.convert.layouts import without_ones

SHOWN = 30
"""Names of a kind that a message lists; of a network not in the zoo all are wrong."""


def list_problems(assignments, tensors, strangers):
    """All that is wrong, a line a kind; an empty text if nothing is.

    Args:
        assignments: every `Assignment` of the model.
        tensors: `Tensors` of the file.
        strangers: the family's; beginnings of names, and a sentence on each.
    """
    arrays = tensors.kept
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
            if without_ones(arrays[name], expected[name]).shape != expected[name]
        ],
        "not finite": [name for name in shared if not np.isfinite(arrays[name]).all()],
        "unlike their second name": [
            f"{first} and {second}" for second, first in tensors.differing
        ],
    }
    lines = [f"  {kind}: {_some(names)}" for kind, names in kinds.items() if names]
    if lines:
        lines += [
            f"  {sentence}"
            for beginning, sentence in strangers.items()
            if any(name.startswith(beginning) for name in arrays)
        ]
    return "\n".join(lines)


def _some(names):
    more = f"; and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return "; ".join(names[:SHOWN]) + more
