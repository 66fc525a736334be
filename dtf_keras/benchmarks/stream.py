"""How fast what is still going on is recognized."""

import itertools
import os
import pathlib
import time
from dataclasses import dataclass

WARM = 100  # frames before the clock runs
RATE = 25.0  # frames a second of what is made up


@dataclass(frozen=True)
class Arguments:
    """Times `recognition.Stream` with an untrained model of hand landmarks.

    Without --video the points of a hand are made up: what is timed is the stream alone.
    With --video the hand is looked for in its frames, which are decoded before.
    """

    model: str = "full_conv_v10"
    """Zoo model, as `dtf_keras.zoo.list()` names it."""
    width: float = 0.25
    """Width of the model."""
    video: pathlib.Path | None = None
    """Video file of a person, 1280 pixels at most; larger frames are made smaller."""
    frames: int = 1000
    """Frames to read; of a video as many as there are, at most."""
    at_once: tuple[int, ...] = (1, 25)
    """Frames that are handed over together; a line for each."""


def run(arguments):
    """Measures and prints a line for each number of frames that are handed over.

    Args:
        arguments: `Arguments`.

    Returns:
        Dict from that number to frames a second.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from dtf_keras import recognition, zoo

    model = zoo.get(
        arguments.model,
        weights=None,
        num_classes=27,
        width=arguments.width,
        input="landmarks",
    )
    model.glosses = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    times, frames = _video(arguments) if arguments.video else _points(arguments.frames)
    print(
        f"{arguments.model}, width {arguments.width:g}, {len(frames)} frames, "
        f"{os.cpu_count()} CPUs; latency {recognition.Stream(model).latency:.2f} s"
    )
    rates = {}
    for at_once in arguments.at_once:
        _time(model, *_points(WARM), at_once)
        seconds, cpu, slowest = _time(model, times, frames, at_once)
        rates[at_once] = len(frames) / seconds
        print(
            f"{at_once:>4} at once {rates[at_once]:>8,.0f} frames/s  "
            f"{1000 * cpu / len(frames):6.2f} ms of CPU a frame  "
            f"slowest call {1000 * slowest:.0f} ms",
            flush=True,
        )
    return rates


def _time(model, times, frames, at_once):
    """Seconds, those of the CPUs, and those of the slowest call."""
    import contextlib

    from dtf_keras.landmarks import HandFinder
    from dtf_keras.recognition import Stream

    pictures = frames[0].ndim == 3
    with HandFinder() if pictures else contextlib.nullcontext() as finder:
        stream, slowest = Stream(model, finder=finder), 0.0
        start, cpu = time.perf_counter(), time.process_time()
        for first in range(0, len(frames), at_once):
            part, began = slice(first, first + at_once), time.perf_counter()
            stream.extend(frames[part], times[part])
            slowest = max(slowest, time.perf_counter() - began)
        return time.perf_counter() - start, time.process_time() - cpu, slowest


def _points(count):
    """Times and points of a hand that moves."""
    import numpy as np

    rng = np.random.default_rng(0)
    times = np.arange(count) / RATE
    hand = rng.uniform(-50, 50, (21, 2)) + rng.normal(0, 2, (count, 21, 2))
    place = 300 + 100 * np.stack([np.sin(times), np.cos(times)], axis=-1)
    return times, list(hand + place[:, None])


def _video(arguments):
    from dtf_keras.data.footage.found_hands import LONGEST
    from dtf_keras.data.footage.video import Video

    frames = Video(arguments.video, RATE).timed(LONGEST)
    return zip(*itertools.islice(frames, arguments.frames), strict=True)
