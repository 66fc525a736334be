"""Time and memory of the layers of dynamic temporal fusion.

Three ways to the same numbers: the layer, the layer with a GRU that projects gathered
frames, and a plain loop over frames.
"""

import dataclasses
import functools
import sys
import time
from concurrent.futures.process import BrokenProcessPool

from dtf_keras.benchmarks.figures import Figures, table

WAYS = ("layer", "project gathered", "per-frame loop")
LAYERS = ("DynamicFraming", "TemporalAttention3", "TemporalAttention4", "HashMapMerge")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Times the layers of dynamic temporal fusion and measures their memory.

    Forward, and forward with backward; against a loop over frames written for the
    purpose, and against a GRU that projects frames after they are gathered. Each
    measurement has a process of its own. Memory is the highest resident memory of
    that process above what it had before the first call, compilation included. The
    layers run as Keras runs them (TensorFlow: graph, JAX: jit, torch: eager), the
    loop runs eagerly.
    """

    frames: tuple[int, ...] = (100, 200, 400, 800)
    """Lengths T of the clips, each at least k."""
    batch_size: int = 2
    """Clips B."""
    features: int = 512
    """Features D of a frame."""
    window: int = 16
    """Neighbours k of a frame."""
    repeats: int = 7
    """Calls the median is taken of; a slow one is called less often."""
    loop: bool = True
    """Measure the per-frame loop too, which takes most of the time."""

    def __post_init__(self):
        if not self.frames or min(self.frames) < self.window:
            raise ValueError(
                f"Every clip must be at least --window {self.window} frames long. "
                f"Received: --frames {' '.join(map(str, self.frames))}."
            )
        if min(self.batch_size, self.features, self.window, self.repeats) < 1:
            raise ValueError(
                "--batch-size, --features, --window and --repeats must be 1 or more."
            )


def run(arguments):
    """Measures everything and prints the table; returns the list of `Figures`."""
    from dtf_keras.benchmarks.measure import in_new_process

    todo = [
        (layer, way, frames)
        for layer in LAYERS
        for way in _ways(layer, arguments.loop)
        for frames in arguments.frames
    ]
    start, figures = time.perf_counter(), []
    for done, one in enumerate(todo):
        note = ""
        try:
            figures.append(in_new_process(measure, arguments, *one))
        except BrokenProcessPool:
            note = " left out: its process was ended, most likely for lack of memory"
        left = (time.perf_counter() - start) / (done + 1) * (len(todo) - done - 1)
        print(
            f"{done + 1}/{len(todo)} {', '.join(map(str, one))} frames{note}; "
            f"about {left:.0f} s left",
            file=sys.stderr,
        )
    print(table(arguments, figures))
    return figures


def _ways(layer, loop):
    left_out = set() if loop else {"per-frame loop"}
    if layer == "DynamicFraming":  # it has no GRU
        left_out.add("project gathered")
    return [way for way in WAYS if way not in left_out]


def measure(arguments, name, way, frames):
    """One layer, one way, one length, in this process: `Figures`."""
    import keras
    import numpy as np
    from keras import ops

    from dtf_keras import layers
    from dtf_keras.benchmarks.measure import (
        compiled,
        gradients,
        median_seconds,
        memory,
        wait,
    )
    from dtf_keras.benchmarks.per_frame import PerFrame, ProjectGathered

    keras.utils.set_random_seed(1)
    shape = (arguments.batch_size, frames, arguments.features)
    values = np.random.default_rng(0).normal(size=shape).astype("float32")
    layer = getattr(layers, name)(window=arguments.window)
    if way == "project gathered":
        layer.fuse = ProjectGathered(arguments.window, name="gru")
    layer.build(shape)
    function = layer
    if way == "per-frame loop":
        function = functools.partial(PerFrame(layer), values=values)
    compile_ = (lambda f: f) if way == "per-frame loop" else compiled
    x = ops.convert_to_tensor(values)
    before, _ = memory()
    found = []
    for step in (function, gradients(function, layer.trainable_variables)):
        step = compile_(step)
        if way != "per-frame loop":
            wait(step(x))  # compiles
        seconds = median_seconds(step, x, arguments.repeats)
        found.append((seconds, memory()[1] - before))
    (forward, forward_memory), (backward, backward_memory) = found
    return Figures(
        name, way, frames, forward, backward, forward_memory, backward_memory
    )
