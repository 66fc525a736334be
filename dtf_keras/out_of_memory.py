"""Telling that memory did not suffice, on any backend, and giving it back."""

import gc
import sys

_SIGNS = (
    "out of memory",
    "resource_exhausted",
    "resourceexhausted",
    "can't allocate memory",
    "cannot allocate memory",
    "failed to allocate",
    "alloc_failed",  # of cuDNN and cuBLAS
    "dst tensor is not",  # TensorFlow, when a batch does not fit onto the card
)


def is_out_of_memory(error):
    """Whether an exception says that memory did not suffice.

    `MemoryError`, `torch.OutOfMemoryError`, TensorFlow's `ResourceExhaustedError`,
    JAX's `RESOURCE_EXHAUSTED`, and what the libraries below them say of an allocation.
    """
    if isinstance(error, MemoryError):
        return True
    of_a_backend = type(error).__module__.partition(".")[0] == "tensorflow"
    if not (of_a_backend or isinstance(error, RuntimeError)):
        return False
    said = f"{type(error).__name__} {error}".lower()
    return any(sign in said for sign in _SIGNS)


def free_memory():
    """Gives memory that nothing uses any more back, torch's on the card too."""
    gc.collect()
    if "torch" in sys.modules:
        sys.modules["torch"].cuda.empty_cache()
