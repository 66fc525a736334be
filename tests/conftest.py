import contextlib
import ctypes
import gc
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# JAX compiles each model and operation anew in every test and process: keep them.
os.environ.setdefault(
    "JAX_COMPILATION_CACHE_DIR",
    str(pathlib.Path(__file__).parents[1] / ".pytest_cache" / "jax"),
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
# Most of the time goes into compiling what then runs once, on a few small clips. CI
# runs the golden tests with JAX_DISABLE_MOST_OPTIMIZATIONS=false as well.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "true")
if os.environ["KERAS_BACKEND"] == "jax":  # a training step compiles in a third
    QUICKLY = (
        "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
    )
    os.environ["XLA_FLAGS"] = f"{QUICKLY} {os.environ.get('XLA_FLAGS', '')}"

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes side by side leave no core for threads.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
# tf2onnx copies its graph before each of its steps, to go back when one fails; here
# that is an error, and the copies are half of the time of an export.
os.environ.setdefault("TF2ONNX_CATCH_ERRORS", "FALSE")

import keras
import pytest

from dtf_keras import models
from dtf_keras.training.run.tensorflow_graphs import released_graphs
from tests.helpers import published_network

gc.freeze()  # what is imported by now need not be looked through after each module

pytest_plugins = ["tests.helpers.coloured_frames", "tests.helpers.hands"]


def pytest_configure(config):
    if getattr(config.option, "dist", None) == "load":  # -n, without another choice
        config.option.dist = "loadgroup"


def pytest_collection_modifyitems(items):
    """Tests of one model go to one process, which then builds and compiles it once."""
    known = {*models.names(), *published_network.ZOO}
    for item in items:
        params = item.callspec.params.values() if hasattr(item, "callspec") else ()
        for name in params:
            if isinstance(name, str) and name in known:
                item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(autouse=True)
def fixed_seed():
    keras.utils.set_random_seed(8)


MUCH = 2**29  # bytes
_held = {"bytes": 0}


@pytest.fixture(scope="module", autouse=True)
def memory_is_given_back():
    """Gigabytes over all tests: what JAX compiled, what TensorFlow traced.

    To look through all objects takes a second by then: only when it is much.
    """
    with released_graphs():
        yield
    if _resident_bytes() - _held["bytes"] < MUCH:
        return
    if keras.backend.backend() == "jax":
        import jax

        jax.clear_caches()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    _held["bytes"] = _resident_bytes()


def _resident_bytes():
    try:
        pages = pathlib.Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # another system: what it has used at most
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
