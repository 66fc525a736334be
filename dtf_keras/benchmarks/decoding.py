"""How long decoding takes: greedy, prefix beam search, and Keras' own."""

import statistics
import time
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Arguments:
    """Times the decoders on random logits, each in milliseconds a batch.

    The logits are as peaked as those of a trained model: blank on most steps, now and
    then a gloss.
    """

    clips: int = 8
    """Clips in the batch (B)."""
    steps: int = 64
    """Output steps of each clip (T')."""
    classes: int = 1296
    """Classes, blank among them (V)."""
    width: int = 10
    """Prefixes that the beam searches keep."""
    repeats: int = 11
    """Measurements; their median counts. Keras' own beam search is measured once."""
    keras_beam: bool = False
    """Also time `keras.ops.ctc_decode`'s beam search: from 10 s to minutes."""
    seed: int = 1
    """Seed of the logits."""


def run(arguments):
    """Prints a line for each decoder.

    Args:
        arguments: `Arguments`.

    Returns:
        Dict from the decoder's name to the median of its times in milliseconds.
    """
    import keras  # --help needs neither

    from dtf_keras import decoding

    logits = random_logits(arguments)
    steps = np.full(arguments.clips, arguments.steps, "int32")
    width = arguments.width
    scores = UniformScores(arguments.classes)
    decoders = {
        "greedy": lambda: decoding.greedy(logits),
        "greedy with spans": lambda: decoding.greedy_spans(logits),
        "beam": lambda: decoding.beam_search(logits, width=width),
        f"beam, {width} best": lambda: decoding.beam_search(
            logits, width=width, num_best=width
        ),
        "beam, language model": lambda: decoding.beam_search(
            logits, width=width, language_model=scores
        ),
    }
    print(
        f"{arguments.clips} x {arguments.steps} x {arguments.classes} logits, width "
        f"{width}, on {keras.backend.backend()}: median of {arguments.repeats}"
    )
    times = {}
    for name, decoder in decoders.items():
        decoder()  # the first call of an operation may compile it
        times[name] = _milliseconds(decoder, arguments.repeats)
        _print(name, times)
    if arguments.keras_beam:
        times["beam of Keras"] = _milliseconds(
            lambda: keras.ops.convert_to_numpy(
                keras.ops.ctc_decode(
                    keras.ops.convert_to_tensor(logits),
                    keras.ops.convert_to_tensor(steps),
                    strategy="beam_search",
                    beam_width=width,
                    mask_index=0,
                )[0]
            ),
            repeats=1,
        )
        _print("beam of Keras", times)
    return times


def random_logits(options):
    """Float32 `[B, T', V]`: noise, on most steps blank high, on others a gloss."""
    rng = np.random.default_rng(options.seed)
    logits = rng.normal(size=(options.clips, options.steps, options.classes))
    path = rng.integers(1, options.classes, (options.clips, options.steps))
    path[rng.random(path.shape) < 0.7] = 0
    heights = rng.normal(8.0, 2.0, path.shape)
    logits[*np.indices(path.shape), path] += heights
    return logits.astype("float32")


class UniformScores:
    """A language model for which all glosses are alike: what it costs to ask one."""

    def __init__(self, num_classes):
        self._scores = np.full(num_classes, -np.log(num_classes))

    def start(self):
        return ()

    def advance(self, state, class_id):
        return ()

    def scores(self, state):
        return self._scores

    def end_score(self, state):
        return float(self._scores[0])


def _milliseconds(function, repeats):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times)


def _print(name, times):
    ratio = times[name] / times["greedy"]
    print(f"{name:<22}{times[name]:9.1f} ms  {ratio:7.1f} x greedy", flush=True)
