"""The source's tensors as plain arrays, each once."""

import collections.abc
import re

import numpy as np

ALIASES = {
    "enc1.net.0.": "enc1.conv1.",
    "enc1.net.1.": "enc1.norm_layer1.",
    "enc1.net.4.": "enc1.conv2.",
    "enc1.net.5.": "enc1.norm_layer2.",
}
"""Modules that the source registers twice: second name to first."""


class StateDictError(ValueError):
    """Tensors that are no network of the source, or not the one asked for."""


def as_arrays(state_dict):
    """Names and float32 arrays of a state dict.

    Args:
        state_dict: dict of torch names to numpy arrays or tensors, or the dict that
            the source's trainer saves, with such a dict in `model_state_dict`. The
            prefix `module.` that torch's data parallelism adds is taken off.

    Returns:
        dict of names to float32 arrays.

    Raises:
        StateDictError: it is something else.
    """
    if isinstance(state_dict, collections.abc.Mapping):
        state_dict = state_dict.get("model_state_dict", state_dict)
    if not isinstance(state_dict, collections.abc.Mapping) or not state_dict:
        raise StateDictError(
            "A state dict maps torch names to arrays. Received: "
            f"{type(state_dict).__name__}{' without entries' * (state_dict == {})}."
        )
    arrays = {}
    for name, tensor in state_dict.items():
        array = _as_array(tensor)
        if not isinstance(name, str) or array is None:
            raise StateDictError(
                f"The entry {name!r} of the state dict is a {type(tensor).__name__}, "
                "not a tensor of numbers under a torch name."
            )
        arrays[name] = array.astype("float32", copy=False)
    if all(name.startswith("module.") for name in arrays):
        arrays = {name.removeprefix("module."): x for name, x in arrays.items()}
    return arrays


def _as_array(tensor):
    """The numbers of a tensor; `None` where it is none, or is sparse or complex."""
    if hasattr(tensor, "detach"):  # torch: off the graph, off the device
        tensor = tensor.detach().cpu()
        tensor = tensor.float() if tensor.is_floating_point() else tensor
    try:
        array = np.asarray(tensor)
    except (TypeError, ValueError, RuntimeError):
        return None
    return array if array.dtype.kind in "fiub" else None


def without_duplicates(arrays):
    """Takes out what a state dict holds beside the weights.

    Args:
        arrays: dict of names to arrays.

    Returns:
        The dict without batch counters and second names; the names taken out; and
        the pairs (second name, first name) that hold different values.
    """
    kept, dropped, differing = {}, [], []
    for name, array in arrays.items():
        first = re.sub(r"^enc1\.net\.\d\.", lambda m: ALIASES.get(m[0], m[0]), name)
        if name.endswith(".num_batches_tracked"):
            dropped.append(name)
        elif first == name or first not in arrays:
            kept[first] = array
        else:
            dropped.append(name)
            if not np.array_equal(array, arrays[first], equal_nan=True):
                differing.append((name, first))
    return kept, dropped, differing
