"""Torch's tensors as plain arrays, each once."""

import collections.abc
from typing import NamedTuple

import numpy as np

from dtf_keras.words import quoted


class StateDictError(ValueError):
    """Tensors that are no network of a known family, or not the one asked for."""


def as_arrays(state_dict):
    """Names and float32 arrays of a state dict.

    Args:
        state_dict: dict of torch names to numpy arrays or tensors, or the dict that
            a trainer saves, with such a dict in `model_state_dict`. The word `module`
            that torch's data parallelism puts into names, at their beginning or inside
            them, is taken out.

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
                f"The entry {quoted(name)} of the state dict is a "
                f"{type(tensor).__name__}, not a tensor of numbers under a torch name."
            )
        plain = ".".join(part for part in name.split(".") if part != "module")
        if plain in arrays:
            raise StateDictError(
                f"The state dict has {plain} twice, with and without 'module' in its "
                "name."
            )
        arrays[plain] = array.astype("float32", copy=False)
    return arrays


class Tensors(NamedTuple):
    """A state dict, sorted.

    Attributes:
        kept: names and arrays that should become variables.
        left_out: the other names, and why each is left out.
        differing: pairs of a second name and a first name with other values.
    """

    kept: dict[str, np.ndarray]
    left_out: dict[str, str]
    differing: list[tuple[str, str]]


def sort_out(arrays, aliases, reason_to_leave):
    """Takes out what a state dict holds beside the weights.

    Args:
        arrays: dict of names to arrays.
        aliases: beginnings of names that a module has a second time: second to first.
        reason_to_leave: function of a name, why that tensor is no weight; `None` if
            it is one.

    Returns:
        `Tensors`.
    """
    kept, left_out, differing = {}, {}, []
    for name, array in arrays.items():
        reason = reason_to_leave(name)
        first = _first_name(name, aliases)
        if reason is not None:
            left_out[name] = reason
        elif first == name or first not in arrays:
            kept[first] = array
        else:
            left_out[name] = "second names of tensors above"
            if not np.array_equal(array, arrays[first], equal_nan=True):
                differing.append((name, first))
    return Tensors(kept, left_out, differing)


def _first_name(name, aliases):
    for second, first in aliases.items():
        if name.startswith(second):
            return first + name.removeprefix(second)
    return name


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
