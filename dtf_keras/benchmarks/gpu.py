"""Models on an accelerator: frames a second, peak memory, and parity with the CPU."""

import contextlib
import dataclasses
import datetime
import functools
import time
import typing

import numpy as np

from dtf_keras.benchmarks import NoAccelerator, check_models
from dtf_keras.files import write_json
from dtf_keras.out_of_memory import is_out_of_memory

FRAME_SIZES = {
    "full_conv_v5": 112,
    "vac": 224,
    "full_conv": 112,
    "full_conv_v10": 112,
    "full_conv_v7": 112,
    "corrnet": 224,
}
"""The models, the most important first, and the side of their frames in pixels."""
PHASES = ("forward", "training")
CALLS = 4
"""Calls that are timed together, so that the next one is on its way while one runs."""
TINY = {"frames": 24, "classes": 16, "width": 0.0625, "frame_size": 32, "product": 64}
PARITY_FRAMES = 16


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Times models on an accelerator and measures their memory.

    Forward, and a whole training step: CTC, gradients, Adam. The batch lies on the
    accelerator; reading clips is left out. Measured is the backend that Keras runs on:
    KERAS_BACKEND=torch or jax. JAX compiles, PyTorch runs eagerly. The share of the
    peak is that of a plain matrix product in the same precision on the same card; a
    training step counts as three forward passes.
    """

    models: tuple[str, ...] = ()
    """Models, in this order; by default those of the published tables that are here."""
    precisions: tuple[typing.Literal["float32", "mixed_bfloat16"], ...] = (
        "float32",
        "mixed_bfloat16",
    )
    """Policies of Keras."""
    clips: int = 2
    """Clips in the batch."""
    frames: int = 200
    """Frames of a clip."""
    frame_size: int | None = None
    """Side of the frames in pixels; by default 224 for VAC and CorrNet, else 112."""
    classes: int = 1296
    """Classes V, blank among them."""
    width: float = 1.0
    """Factor on the models' channels."""
    repeats: int = 5
    """Measurements of four calls each; their median counts."""
    seconds: float = 200.0
    """What is likely to end later is not started, and listed as not measured."""
    product: int = 8192
    """Rows and columns of the matrix product."""
    jit_compile: bool = False
    """Compile on PyTorch too."""
    out: str | None = None
    """JSON file to write; it is there from the first measurement on."""
    cpu: bool = False
    """Try the command out on the CPU, with tiny sizes whatever else is asked for."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One measurement; without figures `note` says why.

    `share` is that of the card's matrix peak, `peak_memory` in bytes.
    """

    model: str
    precision: str
    phase: str
    frame_size: int
    frames_per_second: float | None = None
    share: float | None = None
    peak_memory: int | None = None
    loss: float | None = None
    note: str = ""

    def __str__(self):
        size = f"{self.frame_size} px"
        head = f"{self.model:<16}{size:>7}  {self.precision:<16}{self.phase:<10}"
        if self.frames_per_second is None:
            return f"{head}  {self.note}"
        memory = "-" if self.peak_memory is None else f"{self.peak_memory / 2**30:.2f}"
        return (
            f"{head}{self.frames_per_second:>12,.0f}{self.share:>10.1%}{memory:>12}"
            f"{'' if self.loss is None else f'{self.loss:>10.3f}'}"
        )


HEAD = (
    f"{'model':<16}{'frames':>7}  {'precision':<16}{'phase':<10}{'frames/s':>12}"
    f"{'of peak':>10}{'memory, GiB':>12}{'loss':>10}"
)


def run(arguments):
    """Measures, and prints a line as soon as it is known.

    Args:
        arguments: `Arguments`.

    Returns:
        Dict of what the JSON file holds.

    Raises:
        CannotMeasure: there is no model of a name.
        NoAccelerator: there is none, and `arguments.cpu` is not set.
    """
    import keras

    from dtf_keras.benchmarks import accelerators

    check_models(*arguments.models)
    accelerator = accelerators.this_backend()
    if arguments.cpu:
        arguments = dataclasses.replace(arguments, **TINY)
    elif accelerator.card() is None:
        raise NoAccelerator(
            f"{keras.backend.backend()} finds no GPU on this machine, so there is "
            "nothing to measure; --cpu tries the command out in a tiny size."
        )
    on_cpu = keras.device("cpu") if arguments.cpu else contextlib.nullcontext()
    with on_cpu:
        return _Benchmark(accelerator, arguments).run()


class _Benchmark:
    def __init__(self, accelerator, arguments):
        self.began = time.perf_counter()
        self.taken = []  # rows, and the seconds each took
        self.accelerator = accelerator
        self.arguments = arguments
        self.flops = functools.cache(self._flops)

    def run(self):
        from dtf_keras import models

        names = self.arguments.models
        names = names or [name for name in FRAME_SIZES if name in models.names()]
        configs = {name: self._config(name) for name in names}
        rows = [
            Row(name, precision, phase, config.size[0], note="not measured")
            for name, config in configs.items()
            for precision in self.arguments.precisions
            for phase in PHASES
        ]
        report = self._facts()
        print(_title(report), flush=True)
        report["matrix peak"] = peaks = {}
        for precision in self.arguments.precisions:
            peaks[precision] = peak = self._matrix_peak(precision)
            print(f"matrix product, {precision}: {peak / 1e12:.1f} TFLOP/s")
        report["parity"] = self._tried(self._parity, names[0], configs[names[0]])
        print(_parity_text(report["parity"]), HEAD, sep="\n\n", flush=True)
        report["rows"] = [dataclasses.asdict(row) for row in rows]
        self._save(report)  # in case that something ends the run from outside
        for index, row in enumerate(rows):
            row = self._measured(row, configs[row.model], peaks[row.precision])
            print(row, flush=True)
            report["rows"][index] = dataclasses.asdict(row)
            report["seconds"] = time.perf_counter() - self.began
            self._save(report)
        return report

    def _save(self, report):
        if self.arguments.out:
            write_json(self.arguments.out, report)

    def _facts(self):
        import keras

        from dtf_keras.benchmarks import accelerators

        cpu = self.arguments.cpu
        return {
            "date": datetime.date.today().isoformat(),
            "backend": keras.backend.backend(),
            "card": "CPU" if cpu else self.accelerator.card(),
            "driver": None if cpu else accelerators.driver(),
            "versions": accelerators.versions(),
            "settings": self.accelerator.settings(),
            "arguments": dataclasses.asdict(self.arguments),
        }

    def _config(self, name):
        from dtf_keras import models

        return models.make_config(
            name,
            num_classes=self.arguments.classes,
            width=self.arguments.width,
            frame_size=self.arguments.frame_size or FRAME_SIZES.get(name, 112),
        )

    def _flops(self, name, config):
        from dtf_keras import models

        return models.flops_per_frame(name, config)

    def _matrix_peak(self, precision):
        from dtf_keras.benchmarks.measure import matrix_peak

        with self.accelerator.float32_of_convolutions():
            return matrix_peak(precision, self.arguments.product, CALLS)

    def _parity(self, name, config):
        """How far logits and CTC loss are from those of the CPU, in float32."""
        import keras

        from dtf_keras import models

        keras.utils.set_random_seed(1)
        model = models.build(name, config)
        weights = model.get_weights()
        frames = min(PARITY_FRAMES, self.arguments.frames)
        arrays = arrays_of(config, self.arguments.clips, frames)
        arrays[0]["num_frames"][-1] = frames * 3 // 4  # with padding
        with keras.device("cpu"):
            copy = models.build(name, config)
            copy.set_weights(weights)
            logits, loss = self._answer(copy, arrays)
        real = logits > -1e8  # glosses on padding are -1e9
        found = {"model": name, "frames": frames, "CPU loss": loss}
        for how, context in (
            ("full float32", self.accelerator.full_float32),
            ("as set", contextlib.nullcontext),
        ):
            with context():
                there, there_loss = self._answer(model, arrays)
            difference = np.linalg.norm((there - logits)[real])
            found[how] = {
                "logits, relative": float(difference / np.linalg.norm(logits[real])),
                "loss": there_loss,
            }
        return found

    def _answer(self, model, arrays):
        from keras import ops

        from dtf_keras import models
        from dtf_keras.benchmarks.measure import compiled

        x, glosses = tensors_of(arrays)
        logits = self.accelerator.forward(model, x).call(x)
        loss = compiled(lambda logits: models.CTCLoss()(glosses, logits))(logits)
        return ops.convert_to_numpy(logits), float(ops.convert_to_numpy(loss))

    def _measured(self, row, config, peak):
        """The row with its figures, or with a note why it has none."""
        start = time.perf_counter()
        expected = max(self._taken_by_smaller(row), default=0.0)
        if start - self.began + expected > self.arguments.seconds:
            return dataclasses.replace(row, note="not measured: the time is over")
        with _policy(row.precision):
            found = self._tried(self._measure, row, config, peak)
        self.taken.append((row, time.perf_counter() - start))
        return dataclasses.replace(row, **{"note": "", **found})

    def _taken_by_smaller(self, row):
        for other, seconds in self.taken:
            if other.phase == row.phase and other.frame_size <= row.frame_size:
                yield seconds

    def _measure(self, row, config, peak):
        import keras

        from dtf_keras import models
        from dtf_keras.benchmarks.measure import median_seconds, wait

        flops, loss = self.flops(row.model, config), None
        keras.utils.set_random_seed(1)
        model = models.build(row.model, config)
        model.compile(metrics=[], jit_compile=self.arguments.jit_compile or "auto")
        clips, frames = self.arguments.clips, self.arguments.frames
        batch = tensors_of(arrays_of(config, clips, frames))
        if row.phase == "training":
            program = self.accelerator.training_step(model, batch)
            flops *= 3
        else:
            batch = batch[0]
            program = self.accelerator.forward(model, batch)

        def calls(batch):
            for _ in range(CALLS):
                result = program.call(batch)
            return result

        wait(calls(batch))
        seconds = median_seconds(calls, batch, self.arguments.repeats, limit=8.0)
        if row.phase == "training":
            loss = float(keras.ops.convert_to_numpy(program.call(batch)["loss"]))
        rate = CALLS * clips * frames / seconds
        return {
            "frames_per_second": rate,
            "share": rate * flops / peak,
            "peak_memory": program.peak_memory(),
            "loss": loss,
        }

    def _tried(self, function, *args):
        """`function(*args)`, or a dict with a `note` of what went wrong."""
        try:
            return function(*args)
        except Exception as error:  # one model's; the others are measured all the same
            return {"note": _note(error)}
        finally:
            self.accelerator.free()


@contextlib.contextmanager
def _policy(name):
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def arrays_of(config, clips, frames):
    """A batch `(x, y)` of noise and random glosses, as numpy."""
    rng = np.random.default_rng(0)
    shape = (clips, frames, *config.size, 3)
    x = {
        "video": rng.integers(0, 256, shape, "uint8"),
        "num_frames": np.full(clips, frames, "int32"),
    }
    glosses = (clips, max(frames // 16, 1))
    return x, rng.integers(1, config.num_classes, glosses, "int32")


def tensors_of(arrays):
    import keras

    return keras.tree.map_structure(keras.ops.convert_to_tensor, arrays)


def _note(error):
    if is_out_of_memory(error):
        return "out of memory"
    first = str(error).strip().splitlines()[:1] or [""]
    return f"failed: {type(error).__name__}: {first[0][:200]}"


def _title(report):
    arguments = report["arguments"]
    compiled = report["backend"] != "torch" or arguments["jit_compile"]
    return (
        f"{report['backend']} ({'compiled' if compiled else 'eager'}) on "
        f"{report['driver'] or report['card']}\n"
        f"{_listed(report['versions'], ' ')}\n"
        f"{_listed(report['settings'], ': ')}\n"
        f"{arguments['clips']} x {arguments['frames']} frames, "
        f"V={arguments['classes']}, width {arguments['width']:g}; median of "
        f"{arguments['repeats']} x {CALLS} calls"
    )


def _listed(facts, between):
    return ", ".join(f"{name}{between}{value}" for name, value in facts.items())


def _parity_text(parity):
    if "note" in parity:
        return f"parity with the CPU {parity['note']}"
    lines = [
        f"parity with the CPU, {parity['model']}, {parity['frames']} frames, float32: "
        f"CTC loss {parity['CPU loss']:.6f} there"
    ]
    for how in ("full float32", "as set"):
        one = parity[how]
        lines.append(
            f"  {how}: loss {one['loss']:.6f}, logits {one['logits, relative']:.1e} off"
        )
    return "\n".join(lines)
