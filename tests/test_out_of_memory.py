import keras
import pytest

from dtf_keras.out_of_memory import free_memory, is_out_of_memory


def own_error():
    """What the backend raises itself, on a card or on a processor."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        said = "failed to allocate memory"
        return tf.errors.ResourceExhaustedError(None, None, said)
    if backend == "torch":
        import torch

        return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 8.00 GiB.")
    from jax.errors import JaxRuntimeError

    return JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8589934592 b")


@pytest.mark.parametrize(
    "error",
    [
        own_error(),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"),
        RuntimeError("INTERNAL: Failed to allocate 8589934592 bytes"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_what_backends_say_of_memory_is_told(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shapes do not fit"),
        ValueError("there is no corpus 'out of memory'"),
        OSError("Cannot allocate memory"),
    ],
)
def test_other_errors_are_not_taken_for_it(error):
    assert not is_out_of_memory(error)


def test_memory_is_given_back_on_every_backend():
    free_memory()
