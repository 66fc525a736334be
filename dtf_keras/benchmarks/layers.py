"""Time and memory of the layers of dynamic temporal fusion.

Three ways to the same numbers: the layer, the layer with a GRU that projects gathered
frames, and a plain loop over frames.
"""

import dataclasses
import functools
import os
import sys
import time

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


@dataclasses.dataclass(frozen=True)
class Figures:
    """Of one layer, way and length: median seconds, and bytes at the highest."""

    layer: str
    way: str
    frames: int
    forward: float
    backward: float
    forward_memory: int
    backward_memory: int


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
        figures.append(in_new_process(measure, arguments, *one))
        left = (time.perf_counter() - start) / (done + 1) * (len(todo) - done - 1)
        print(
            f"{done + 1}/{len(todo)} {', '.join(map(str, one))} frames; "
            f"about {left:.0f} s left",
            file=sys.stderr,
        )
    print(table(arguments, figures))
    return figures


def _ways(layer, loop):
    gathers = layer == "DynamicFraming"
    ways = [way for way in WAYS if not (gathers and way == "project gathered")]
    return ways if loop else ways[:-1] if gathers else ways[:2]


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
        layer.fuse = ProjectGathered(name="gru")
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


def table(arguments, figures):
    """The figures as text, with their growth and the gain over the other ways."""
    import keras

    lines = [
        f"{keras.backend.backend()}, {os.cpu_count()} CPUs; B={arguments.batch_size}, "
        f"D={arguments.features}, k={arguments.window}; median of up to "
        f"{arguments.repeats} calls; memory: highest, above that before the first call",
        f"{'layer':<20}{'way':<18}{'T':>6}{'forward':>12}{'+ backward':>12}"
        f"{'memory':>10}{'+ backward':>12}{'layer is faster':>18}",
    ]
    layers = {(f.layer, f.frames): f for f in figures if f.way == "layer"}
    for one in figures:
        layer = layers[one.layer, one.frames]
        forward = one.forward / layer.forward
        backward = one.backward / layer.backward
        gain = "" if one is layer else f"{forward:.1f}x, {backward:.1f}x"
        lines.append(
            f"{one.layer:<20}{one.way:<18}{one.frames:>6}"
            f"{1e3 * one.forward:>9.1f} ms{1e3 * one.backward:>9.1f} ms"
            f"{one.forward_memory / 2**20:>7.0f} MB"
            f"{one.backward_memory / 2**20:>9.0f} MB{gain:>18}"
        )
    return "\n".join([*lines, "", *_growth(arguments, layers)])


def _growth(arguments, layers):
    short, long = min(arguments.frames), max(arguments.frames)
    if short == long:
        return []
    lines = [f"From T={short} to T={long}, {long / short:g} times the frames:"]
    for name in dict.fromkeys(name for name, _ in layers):
        a, b = layers[name, short], layers[name, long]
        lines.append(
            f"  {name:<20} forward {b.forward / a.forward:.1f}x, with backward "
            f"{b.backward / a.backward:.1f}x the time and "
            f"{b.backward_memory / max(a.backward_memory, 1):.1f}x the memory"
        )
    return lines
