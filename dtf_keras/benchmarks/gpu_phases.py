"""What `benchmark.py gpu` measures of a model: a function a phase.

Each takes a `Bench` and a `Row` and returns a dict of the row's figures.
"""

import contextlib
import dataclasses
import statistics
import tempfile
import time

import numpy as np

from dtf_keras.benchmarks.noise import arrays_of, packed_corpus, tensors_of
from dtf_keras.out_of_memory import is_out_of_memory

CALLS = 4
"""Calls that are timed together, so that the next one is on its way while one runs."""
PARITY_FRAMES = 16
MORE = 4
"""How many times as many clips tell what each one adds to the memory."""
FILLED = 0.95
"""Of the card's memory, what is tried first."""
EPOCHS = 4
"""From a file; the first is not counted."""


@dataclasses.dataclass(frozen=True)
class Bench:
    """What a phase measures with.

    Attributes:
        accelerator: `Accelerator`.
        arguments: those of the benchmark.
        config: function of a model's name to its config.
        flops: function of a model's name to its floating-point operations a frame.
        peaks: dict of a precision to the FLOP/s of a matrix product.
        rates: dict of model, precision and phase to the frames a second measured.
    """

    accelerator: object
    arguments: object
    config: object
    flops: object
    peaks: dict
    rates: dict

    def share(self, row, rate):
        """Of the matrix peak; a training step counts as three forward passes."""
        steps = 1 if row.phase == "forward" else 3
        return steps * rate * self.flops(row.model) / self.peaks[row.precision]


def parity(bench, row):
    """How far logits and CTC loss are from those of the CPU, in float32."""
    import keras

    from dtf_keras import models

    config = bench.config(row.model)
    keras.utils.set_random_seed(1)
    model = models.build(row.model, config)
    weights = model.get_weights()
    frames = min(PARITY_FRAMES, bench.arguments.frames)
    arrays = arrays_of(config, row.clips, frames)
    arrays[0]["num_frames"][-1] = frames * 3 // 4  # with padding
    with keras.device("cpu"):
        copy = models.build(row.model, config)
        copy.set_weights(weights)
        _without_cudnn(copy)
        logits, loss = _answer(bench, copy, arrays)
    real = logits > -1e8  # glosses on padding are -1e9
    found = {"frames": frames, "CPU loss": loss}
    for how, context in (
        ("full float32", bench.accelerator.full_float32),
        ("as set", contextlib.nullcontext),
    ):
        with context():
            there, there_loss = _answer(bench, model, arrays)
        difference = np.linalg.norm((there - logits)[real])
        found[how] = {
            "logits, relative": float(difference / np.linalg.norm(logits[real])),
            "loss": there_loss,
        }
    return {"parity": found, "loss": found["full float32"]["loss"]}


def _without_cudnn(model):
    """JAX would run an LSTM by cuDNN wherever there is a card, on the CPU too."""
    for layer in model._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False


def _answer(bench, model, arrays):
    from keras import ops

    from dtf_keras import models
    from dtf_keras.benchmarks.measure import compiled

    x, glosses = tensors_of(arrays)
    logits = bench.accelerator.forward(model, x).call(x)
    loss = compiled(lambda logits: models.CTCLoss()(glosses, logits))(logits)
    return ops.convert_to_numpy(logits), float(ops.convert_to_numpy(loss))


def forward(bench, row):
    """Logits of a batch that lies on the card."""
    model, batch = _model_and_batch(bench, row)
    program = bench.accelerator.forward(model, batch[0])
    return _timed(bench, row, program, batch[0])


def training(bench, row):
    """A training step on a batch that lies on the card."""
    import keras

    model, batch = _model_and_batch(bench, row)
    program = bench.accelerator.training_step(model, batch)
    found = _timed(bench, row, program, batch)
    loss = float(keras.ops.convert_to_numpy(program.call(batch)["loss"]))
    return {**found, "loss": loss}


def _model_and_batch(bench, row):
    model = _compiled_model(bench, row)
    config, frames = bench.config(row.model), bench.arguments.frames
    return model, tensors_of(arrays_of(config, row.clips, frames))


def _compiled_model(bench, row):
    import keras

    from dtf_keras import models

    keras.utils.set_random_seed(1)
    model = models.build(row.model, bench.config(row.model))
    model.compile(metrics=[], jit_compile=bench.arguments.jit_compile or "auto")
    return model


def _timed(bench, row, program, batch):
    from dtf_keras.benchmarks.measure import median_seconds, wait

    def calls(batch):
        for _ in range(CALLS):
            result = program.call(batch)
        return result

    wait(calls(batch))
    seconds = median_seconds(calls, batch, bench.arguments.repeats, limit=8.0)
    rate = CALLS * row.clips * bench.arguments.frames / seconds
    return {
        "frames_per_second": rate,
        "share": bench.share(row, rate),
        "peak_memory": program.peak_memory(),
    }


def largest_batch(bench, row):
    """A training step on as many clips as the card's memory holds.

    What one clip more takes is told by two smaller batches; where it turns out to be
    more, a tenth fewer are tried.
    """
    limit = bench.accelerator.memory()
    if limit is None:
        return {"note": "not measured: it is not known how much memory there is"}
    clips = _expected_to_fit(bench, row, limit)
    while True:
        larger = dataclasses.replace(row, clips=clips)
        try:
            return {"clips": clips, **training(bench, larger)}
        except Exception as error:
            if not is_out_of_memory(error) or clips == 1:
                raise
        bench.accelerator.free()
        clips = max(1, clips * 9 // 10)


def _expected_to_fit(bench, row, limit):
    few, more = row.clips, MORE * row.clips
    of_few = _memory_of_step(bench, row, few)
    try:
        of_more = _memory_of_step(bench, row, more)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return more - 1
    each = (of_more - of_few) / (more - few)
    return few + int(max(FILLED * limit - of_few, 0) / each)


def _memory_of_step(bench, row, clips):
    from dtf_keras.benchmarks.measure import wait

    model, batch = _model_and_batch(bench, dataclasses.replace(row, clips=clips))
    program = bench.accelerator.training_step(model, batch)
    if not program.known_before:
        wait(program.call(batch))
    return program.peak_memory()


def from_a_file(bench, row):
    """`model.fit` on clips of a packed file, which the system keeps in its memory.

    Fed is a card for which frames are read at least as fast as it takes a step on a
    batch that lies there.
    """
    model = _compiled_model(bench, row)
    arguments = bench.arguments
    clips = arguments.steps * row.clips
    with tempfile.TemporaryDirectory() as folder:
        corpus = packed_corpus(
            folder, bench.config(row.model), clips, arguments.frames, lambda line: None
        )
        batches = _batches(corpus, row.clips, model)
        epochs = _EpochSeconds()
        model.fit(
            batches.dataset(),
            epochs=EPOCHS,
            verbose=0,
            shuffle=False,
            callbacks=[epochs.callback()],
        )
        start = time.perf_counter()
        for _ in batches:
            pass
        reading = time.perf_counter() - start
    frames = clips * arguments.frames
    rate = frames / statistics.median(epochs.seconds[1:])
    found = {
        "frames_per_second": rate,
        "share": bench.share(row, rate),
        "read_per_second": frames / reading,
    }
    alone = bench.rates.get((row.model, row.precision, "training"))
    if alone:
        found["fed"] = frames / reading >= alone
    return found


def _batches(corpus, clips, model):
    from dtf_keras.data import Augmentation

    return corpus.batches(
        clips,
        shuffle=True,
        augmentation=Augmentation(repeat=0.0, drop=0.0),
        time_axis=model.time_axis,
    )


class _EpochSeconds:
    def __init__(self):
        self.seconds = []

    def callback(self):
        import keras

        def begin(epoch, logs):
            self._start = time.perf_counter()

        def end(epoch, logs):
            self.seconds.append(time.perf_counter() - self._start)

        return keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=end)


PHASES = {
    "parity": parity,
    "forward": forward,
    "training": training,
    "largest batch": largest_batch,
    "from a file": from_a_file,
}
