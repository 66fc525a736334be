"""How fast training clips come out of the pipeline: PNG folders against HDF5."""

import os
import pathlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Arguments:
    """Times the pipeline that training reads, from PNG folders and from a packed file.

    Without --root a small release in the layout of phoenix2014 is drawn first, its
    pictures about as large as the real ones (60 kB). With augmentation, padding and
    all; what a model would do with the batches is left out.
    """

    root: str | None = None
    """A release of phoenix2014 to measure; its first clips are used."""
    clips: int = 16
    """Training clips."""
    frames: int = 120
    """Frames of a clip that is drawn."""
    batch_size: int = 2
    """Clips in a batch."""
    frame_size: int | tuple[int, int] = 112
    """Height and width of the crops in pixels; one number for both."""
    resize: Literal["bilinear", "lanczos"] = "bilinear"
    """How frames are resized."""
    workers: int | None = None
    """Threads that read; one a core, 2 to 8, by default."""
    repeats: int = 5
    """Epochs; their median counts. The first one is not measured."""


def run(arguments):
    """Measures and prints a line each for PNG folders, packing and HDF5.

    Args:
        arguments: `Arguments`.

    Returns:
        Dict from the name to frames a second.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from dtf_keras import data
    from dtf_keras.data.batches.dataset import max_bytes
    from dtf_keras.data.batches.read_ahead import default_workers
    from dtf_keras.values import size_in_words

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        root = arguments.root or _draw_release(folder / "release", arguments)
        options = {
            "frame_size": arguments.frame_size,
            "resize": arguments.resize,
            "num_clips": arguments.clips,
            "cache_dir": folder / "cache",
            "say": lambda line: None,
        }
        start = time.perf_counter()
        png = data.load("phoenix2014", "train", root=root, **options)
        rates = {"checked once": png.num_frames / (time.perf_counter() - start)}
        rates["PNG folders, read"] = _rate(png, arguments)
        file = folder / "corpus.h5"
        packed = data.pack([png], file, None, arguments.workers, options["say"])
        rates["packed into HDF5"] = packed.num_frames / packed.seconds
        hdf5 = data.load("phoenix2014", "train", root=file, **options)
        rates["HDF5, read"] = _rate(hdf5, arguments)
        bound = max_bytes(_batches(hdf5, arguments), workers=arguments.workers)
    workers = arguments.workers or default_workers()
    size = size_in_words(png.input_format.frame_size)
    print(
        f"{len(png)} clips, {png.num_frames} frames, {os.cpu_count()} CPUs, {workers} "
        f"threads, batches of {arguments.batch_size} clips of {size} "
        f"px, median of {arguments.repeats} epochs; at most {bound / 2**20:.0f} MB of "
        f"frames in memory; {packed.frame_bytes:,} bytes a packed frame"
    )
    for name, rate in rates.items():
        print(f"{name:<20}{rate:>10,.0f} frames/s")
    return rates


def _batches(corpus, arguments):
    return corpus.batches(
        arguments.batch_size, shuffle=True, augmentation=corpus.augmentation
    )


def _rate(corpus, arguments):
    """Median of the frames a second that leave the pipeline in an epoch."""
    batches = _batches(corpus, arguments)
    dataset = batches.dataset(workers=arguments.workers)
    rates = []
    for epoch in range(arguments.repeats + 1):
        batches.epoch = epoch
        start = time.perf_counter()
        for _ in dataset:
            pass
        seconds = time.perf_counter() - start
        rates.append(sum(batches.clip_lengths(epoch)) / seconds)
    return statistics.median(rates[1:])


def _draw_release(root, arguments):
    """Writes squares of noisy colour in the layout of the release."""
    import numpy as np
    from PIL import Image

    from dtf_keras.data.corpora.phoenix_release import ANNOTATIONS, FRAMES, MULTISIGNER

    folder = root / MULTISIGNER.folders[1]
    lines = ["id|folder|signer|annotation"]
    rng = np.random.default_rng(0)
    for clip in range(arguments.clips):
        pictures = folder / FRAMES / "train" / f"clip{clip}" / "1"
        pictures.mkdir(parents=True)
        lines.append(f"clip{clip}|clip{clip}/1/*.png|Signer01|A B C")
        for frame in range(arguments.frames):
            squares = np.kron(rng.integers(0, 256, (26, 21, 3)), np.ones((10, 10, 1)))
            picture = np.clip(squares + rng.normal(0, 0.8, squares.shape), 0, 255)
            picture = Image.fromarray(picture.astype("uint8"))
            picture.save(pictures / f"frame{frame:06d}.png", compress_level=6)
    table = folder / ANNOTATIONS / MULTISIGNER.tables[0].format(split="train")
    table.parent.mkdir(parents=True)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root
