"""An accelerator as each backend sees it: its name, its settings, programs on it."""

import contextlib
import dataclasses
import gc
import importlib.metadata
import platform
import shutil
import subprocess
from collections.abc import Callable

import keras

_PACKAGES = {
    "torch": ("torch", "triton"),
    "jax": ("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin"),
    "tensorflow": ("tensorflow",),
}


def this_backend():
    """The `Accelerator` of the backend that Keras runs on."""
    kinds = {"torch": _Torch, "jax": _Jax, "tensorflow": _TensorFlow}
    return kinds[keras.backend.backend()]()


def driver():
    """Name, driver and memory of the first NVIDIA card, or `None`."""
    if shutil.which("nvidia-smi") is None:
        return None
    query = "--query-gpu=name,driver_version,memory.total"
    command = ["nvidia-smi", query, "--format=csv,noheader"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return found.stdout.splitlines()[0] if found.returncode == 0 else None


def versions():
    """Dict of Python and of the packages that decide about speed to their versions."""
    found = {"python": platform.python_version()}
    shared = ("keras", "numpy", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13")
    for name in (*shared, *_PACKAGES[keras.backend.backend()]):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


@dataclasses.dataclass(frozen=True)
class Program:
    """What is timed.

    Attributes:
        call: runs it on a batch.
        peak_memory: gives, once it has run, the most bytes it took, weights, state and
            batch among them; `None` where that is not known.
        known_before: whether that is known before it has run.
    """

    call: Callable
    peak_memory: Callable
    known_before: bool = False


class Accelerator:
    """What the benchmark asks of a backend."""

    def card(self):
        """Name of the accelerator, or `None`."""
        raise NotImplementedError

    def memory(self):
        """Bytes that a program may take there, or `None` where that is not known.

        Of PyTorch what is free at the moment, of the others all that there is.
        """
        return None

    def settings(self):
        """Dict of what float32 is computed in."""
        raise NotImplementedError

    def full_float32(self):
        """Context without TF32."""
        raise NotImplementedError

    def float32_of_convolutions(self):
        """Context in which products of float32 use TF32 where convolutions do."""
        return contextlib.nullcontext()

    def forward(self, model, x):
        """`Program` of `x`: the logits, as `predict` computes them."""
        raise NotImplementedError

    def training_step(self, model, batch):
        """`Program` of `(x, y)`: a step of training of a compiled model, as in `fit`.

        Nothing else can use the model afterwards.
        """
        raise NotImplementedError

    def free(self):
        """Gives memory that nothing uses any more back."""
        gc.collect()


class _Torch(Accelerator):
    """Eager, or by `torch.compile` where the model says `jit_compile`."""

    def __init__(self):
        import torch

        self._torch = torch
        self._cuda = torch.cuda if torch.cuda.is_available() else None
        self._tf32 = torch.backends.cuda.matmul, torch.backends.cudnn

    def card(self):
        return self._cuda.get_device_name() if self._cuda else None

    def memory(self):
        return self._cuda.mem_get_info()[0] if self._cuda else None

    def settings(self):
        products, convolutions = (place.allow_tf32 for place in self._tf32)
        return {"TF32 in products": products, "TF32 in convolutions": convolutions}

    def full_float32(self):
        return self._allowing_tf32(False, False)

    def float32_of_convolutions(self):
        convolutions = self._tf32[1].allow_tf32
        return self._allowing_tf32(convolutions, convolutions)

    @contextlib.contextmanager
    def _allowing_tf32(self, *allowed):
        before = [place.allow_tf32 for place in self._tf32]
        try:
            for place, allow in zip(self._tf32, allowed, strict=True):
                place.allow_tf32 = allow
            yield
        finally:
            for place, allow in zip(self._tf32, before, strict=True):
                place.allow_tf32 = allow

    def forward(self, model, x):
        def logits(x):
            with self._torch.no_grad():
                return model(x, training=False)

        return self._program(logits, model)

    def training_step(self, model, batch):
        return self._program(model.train_step, model)

    def _program(self, call, model):
        if self._cuda:
            self._cuda.reset_peak_memory_stats()
        return Program(
            self._torch.compile(call) if model.jit_compile else call,
            lambda: self._cuda.max_memory_allocated() if self._cuda else None,
        )

    def free(self):
        super().free()
        if self._cuda:
            self._cuda.empty_cache()


class _Jax(Accelerator):
    """Always by `jit`. Peak memory is what XLA lays out for a program."""

    def __init__(self):
        import jax

        self._jax = jax

    def card(self):
        device = self._jax.devices()[0]
        return None if device.platform == "cpu" else device.device_kind

    def memory(self):
        return (self._jax.devices()[0].memory_stats() or {}).get("bytes_limit")

    def settings(self):
        precision = self._jax.config.jax_default_matmul_precision
        found = {"matmul precision": precision or "default (TF32 where the card can)"}
        if self.memory() is not None:
            found["GiB that JAX may take"] = round(self.memory() / 2**30, 1)
        return found

    def full_float32(self):
        return self._jax.default_matmul_precision("highest")

    def forward(self, model, x):
        state = _values(model.trainable_variables, model.non_trainable_variables)

        def logits(state, x):
            return model.stateless_call(*state, x, training=False)[0]

        run = self._jax.jit(logits).lower(state, x).compile()
        return Program(
            lambda x: run(state, x), lambda: _laid_out(run), known_before=True
        )

    def training_step(self, model, batch):
        model.optimizer.build(model.trainable_variables)
        state = _values(
            model.trainable_variables,
            model.non_trainable_variables,
            model.optimizer.variables,
            model.metrics_variables,
        )
        step = self._jax.jit(model.train_step, donate_argnums=0)
        run = step.lower(state, batch).compile()

        def call(batch):
            nonlocal state
            logs, state = run(state, batch)
            return logs

        return _compiled(run, call)


def _values(*lists):
    return tuple([variable.value for variable in variables] for variables in lists)


def _compiled(run, call):
    return Program(call, lambda: _laid_out(run), known_before=True)


def _laid_out(run):
    sizes = run.memory_analysis()
    if sizes is None:
        return None
    return (
        sizes.argument_size_in_bytes
        + sizes.output_size_in_bytes
        - sizes.alias_size_in_bytes
        + sizes.temp_size_in_bytes
    )


class _TensorFlow(Accelerator):
    """A graph, by XLA where the model says `jit_compile`."""

    def __init__(self):
        import tensorflow as tf

        self._tf = tf
        self._cards = tf.config.list_physical_devices("GPU")
        self._config = tf.config.experimental

    def card(self):
        if not self._cards:
            return None
        details = self._config.get_device_details(self._cards[0])
        return details.get("device_name", self._cards[0].name)

    def memory(self):
        about = driver() if self._cards else None
        return int(about.split(",")[-1].split()[0]) * 2**20 if about else None

    def settings(self):
        return {"TF32": self._config.tensor_float_32_execution_enabled()}

    @contextlib.contextmanager
    def full_float32(self):
        before = self._config.tensor_float_32_execution_enabled()
        self._config.enable_tensor_float_32_execution(False)
        try:
            yield
        finally:
            self._config.enable_tensor_float_32_execution(before)

    def forward(self, model, x):
        return self._program(lambda x: model(x, training=False), model)

    def training_step(self, model, batch):
        model.optimizer.build(model.trainable_variables)
        return self._program(model.train_step, model)

    def _program(self, call, model):
        if self._cards:
            self._config.reset_memory_stats("GPU:0")
        return Program(
            self._tf.function(call, jit_compile=model.jit_compile),
            lambda: (
                self._config.get_memory_info("GPU:0")["peak"] if self._cards else None
            ),
        )
