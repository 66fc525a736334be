"""Files of torch trainers, read without executing what is in them."""

import dataclasses
import numbers
import pathlib
import pickle
import re

import numpy as np

from dtf_keras.convert.conversion import from_state_dict
from dtf_keras.convert.tensors import StateDictError, as_arrays
from dtf_keras.pickled_numbers import STAND_INS


class CheckpointError(ValueError):
    """A file that is no checkpoint, or holds more than tensors and numbers."""


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """What is used of a checkpoint.

    Attributes:
        state_dict: torch names to float32 numpy arrays.
        epoch: epochs trained; `None` where the file does not say, as the next two.
        num_updates: optimiser steps as the file says; full_conv's trainer writes 0.
        loss: mean training loss of the epoch.
    """

    state_dict: dict[str, np.ndarray]
    epoch: int | None = None
    num_updates: int | None = None
    loss: float | None = None


def load_checkpoint(path):
    """Reads a trainer's checkpoint or a plain state dict.

    Nothing in the file is executed: torch's `weights_only` reader takes tensors and
    plain values, and here numpy's numbers and arrays of numbers. So the states of
    optimiser, schedule and random numbers, which trainers store beside the weights, are
    read, and left. Both containers are read, the zip of today and the stream of torch
    before 1.6.

    Args:
        path: the file.

    Returns:
        A `Checkpoint`.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: it is no checkpoint, is cut off, or holds anything else.
        ImportError: torch is not installed.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    content = _read(path)
    try:
        state_dict = as_arrays(content)
    except StateDictError as error:
        raise CheckpointError(f"{path}: {error}") from error
    if "model_state_dict" not in content:
        return Checkpoint(state_dict)
    return Checkpoint(
        state_dict,
        epoch=_number(content, "epoch", int),
        num_updates=_number(content, "num_updates", int),
        loss=_number(content, "loss", float),
    )


def from_checkpoint(path, name=None, **options):
    """`from_state_dict` of a file; arguments, result and errors as there."""
    return from_state_dict(load_checkpoint(path).state_dict, name, **options)


def _read(path):
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "Reading a torch checkpoint needs torch: pip install 'dtf_keras[torch]'."
        ) from error
    try:
        with torch.serialization.safe_globals(STAND_INS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        asked = re.search(r"GLOBAL (\S+)|(numpy's .*)", str(error))
        what = f"asks for {asked[1] or asked[2]}" if asked else "is no torch file"
        raise CheckpointError(
            f"{path} {what}. A checkpoint holds tensors and numbers only; nothing in "
            "this file was executed."
        ) from error
    except Exception as error:  # whatever bytes that are no checkpoint lead to
        raise CheckpointError(
            f"{path} is no torch checkpoint, or is cut off "
            f"({type(error).__name__} while reading it)."
        ) from error


def _number(content, key, kind):
    value = content.get(key)
    return kind(value) if isinstance(value, numbers.Real) else None
