"""Time and memory of a function, on any backend."""

import concurrent.futures
import multiprocessing
import os
import pathlib
import platform
import statistics
import sys
import time

import keras
import numpy as np
from keras import ops


def compiled(function):
    """`function` as Keras runs it: TensorFlow's graph, JAX' jit, torch as it is."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


def gradients(function, variables):
    """A function of `x`: gradients of the mean square of `function(x)`.

    Args:
        function: of a tensor, to a tensor.
        variables: `keras.Variable`s to differentiate by, beside `x`.
    """
    backend = keras.backend.backend()

    def loss(x):
        return ops.mean(ops.square(function(x)))

    if backend == "tensorflow":
        import tensorflow as tf

        def step(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = loss(x)
            return tape.gradient(y, [x, *[v.value for v in variables]])

    elif backend == "jax":
        import jax

        def step(x):
            def of_values(x, values):
                mapping = zip(variables, values, strict=True)
                with keras.StatelessScope(state_mapping=mapping):
                    return loss(x)

            values = [v.value for v in variables]
            return jax.grad(of_values, argnums=(0, 1))(x, values)

    else:

        def step(x):
            x = x.detach().requires_grad_()
            for variable in variables:
                variable.value.grad = None
            loss(x).backward()
            return [x.grad, *[v.value.grad for v in variables]]

    return step


def median_seconds(function, x, repeats, limit=20.0):
    """Median time of `function(x)`, results waited for.

    Args:
        function: what is timed; it has run before if it is compiled.
        x: its argument.
        repeats: how often it runs.
        limit: seconds after which it is not started again.
    """
    taken = []
    start = time.perf_counter()
    while len(taken) < repeats and (not taken or time.perf_counter() - start < limit):
        begin = time.perf_counter()
        wait(function(x))
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def matrix_peak(precision, size=2048, calls=4):
    """FLOP/s that the product of two square matrices reaches here.

    Args:
        precision: dtype policy; its compute dtype counts.
        size: rows and columns.
        calls: products in a row.
    """
    x = np.random.default_rng(0).standard_normal((size, size), "float32")
    dtype = keras.DTypePolicy(precision).compute_dtype
    x = ops.cast(ops.convert_to_tensor(x / size**0.5), dtype)

    def products(x):
        y = x
        for _ in range(calls):
            y = ops.matmul(y, x)  # XLA takes many times as long for the other way
        return ops.cast(ops.max(y), "float32")  # little to wait for

    products = compiled(products)
    wait(products(x))
    wait(products(x))
    return calls * 2 * size**3 / median_seconds(products, x, 5)


def wait(result):
    """Waits until all tensors of a nested result are computed."""
    keras.tree.map_structure(ops.convert_to_numpy, result)


def processor(info=pathlib.Path("/proc/cpuinfo")):
    """What this machine says of its processor, and the number of its cores.

    A name without a number, as clouds give it, is that of many processors: their family
    and model tell them apart.
    """
    name, more = platform.processor() or platform.machine(), []
    if info.is_file():
        lines = info.read_text(encoding="utf-8").splitlines()
        said = {}
        for field, _, value in (line.partition(":") for line in lines):
            said.setdefault(field.strip(), value.strip())
        name = said.get("model name", name)
        numbered = any(sign.isdigit() for sign in name)
        if not numbered and {"cpu family", "model"} <= said.keys():
            more.append(f"family {said['cpu family']} model {said['model']}")
        flags = said.get("flags", "").split()
        more += [one.upper() for one in ("avx512f", "avx2") if one in flags][:1]
    about = f" ({', '.join(more)})" if more else ""
    return f"{name}{about}, {os.cpu_count()} cores"


def memory():
    """Memory of this process in bytes: now, and at its highest so far."""
    status = pathlib.Path("/proc/self/status")
    if status.is_file():  # Linux; its getrusage counts the parent process too
        fields = dict(
            line.split(":", 1)
            for line in status.read_text().splitlines()
            if ":" in line
        )
        now, peak = (int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))
        return 1024 * now, 1024 * peak
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    return peak, peak


def in_new_process(function, *args):
    """`function(*args)` in a process of its own, whose memory nothing else has used."""
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=1, mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        return pool.submit(function, *args).result()
