"""The figures of the layers, and their table."""

import dataclasses
import os


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
        layer, gain = layers.get((one.layer, one.frames)), ""
        if layer and one is not layer:
            forward = one.forward / layer.forward
            gain = f"{forward:.1f}x, {one.backward / layer.backward:.1f}x"
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
        if not {(name, short), (name, long)} <= layers.keys():
            continue
        a, b = layers[name, short], layers[name, long]
        lines.append(
            f"  {name:<20} forward {b.forward / a.forward:.1f}x, with backward "
            f"{b.backward / a.backward:.1f}x the time and "
            f"{b.backward_memory / max(a.backward_memory, 1):.1f}x the memory"
        )
    return lines
