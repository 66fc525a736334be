"""Models on an accelerator: frames a second, peak memory, and parity with the CPU."""

import contextlib
import dataclasses
import datetime
import functools
import itertools
import time
import typing

from dtf_keras.benchmarks import NoAccelerator, check_models
from dtf_keras.benchmarks.gpu_phases import CALLS, PHASES, Bench
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
TINY = {
    "frames": 24,
    "classes": 16,
    "width": 0.0625,
    "frame_size": 32,
    "product": 64,
    "steps": 2,
}


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Times models on an accelerator and measures their memory.

    Forward, and a whole training step: CTC, gradients, Adam, of a batch that lies on
    the accelerator; such a step of the largest batch that fits; and `model.fit` on
    clips of a packed file. Measured is the backend that Keras runs on:
    KERAS_BACKEND=torch or jax. JAX compiles, PyTorch runs eagerly. The share of the
    peak is that of a plain matrix product in the same precision on the same card; a
    training step counts as three forward passes.
    """

    models: tuple[str, ...] = ()
    """Models, in this order; by default those of the published tables that are here."""
    phases: tuple[typing.Literal[*PHASES], ...] = tuple(PHASES)
    """What is measured of them."""
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
    steps: int = 32
    """Steps of an epoch from a file."""
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

    Attributes:
        frame_size: side in pixels.
        share: of the card's matrix peak, from 0 to 1.
        peak_memory: bytes.
        parity: of logits and loss with the CPU.
        read_per_second: frames that come out of a file if nothing is done with them.
        fed: whether they come as fast as a step alone takes them.
    """

    model: str
    precision: str
    phase: str
    frame_size: int
    clips: int
    frames_per_second: float | None = None
    share: float | None = None
    peak_memory: int | None = None
    loss: float | None = None
    parity: dict | None = None
    read_per_second: float | None = None
    fed: bool | None = None
    note: str = ""

    def __str__(self):
        size = f"{self.frame_size} px"
        head = (
            f"{self.model:<16}{size:>7}  {self.precision:<16}{self.phase:<14}"
            f"{self.clips:>5}"
        )
        if self.parity:
            return f"{head}  {self._parity_text()}"
        if self.frames_per_second is None:
            return f"{head}  {self.note}"
        memory = "-" if self.peak_memory is None else f"{self.peak_memory / 2**30:.2f}"
        line = (
            f"{head}{self.frames_per_second:>12,.0f}{self.share:>10.1%}{memory:>12}"
            f"{'' if self.loss is None else f'{self.loss:>10.3f}'}"
        )
        if self.read_per_second is None:
            return line
        fed = {True: "fed: ", False: "starved: ", None: ""}[self.fed]
        return f"{line}  {fed}{self.read_per_second:,.0f} frames/s are read"

    def _parity_text(self):
        parts = [f"loss {self.parity['CPU loss']:.6f} on the CPU"]
        for how in ("full float32", "as set"):
            one = self.parity[how]
            parts.append(
                f"{how}: {one['loss']:.6f}, logits {one['logits, relative']:.1e} off"
            )
        return "; ".join(parts)


HEAD = (
    f"{'model':<16}{'frames':>7}  {'precision':<16}{'phase':<14}{'clips':>5}"
    f"{'frames/s':>12}{'of peak':>10}{'memory, GiB':>12}{'loss':>10}"
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
        self.bench = Bench(
            accelerator,
            arguments,
            self._config,
            functools.cache(self._flops),
            peaks={},
            rates={},
        )

    def run(self):
        rows = self._rows()
        report = self._facts()
        print(_title(report), flush=True)
        report["matrix peak"] = self.bench.peaks
        for precision in self.arguments.precisions:
            self.bench.peaks[precision] = peak = self._matrix_peak(precision)
            print(f"matrix product, {precision}: {peak / 1e12:.1f} TFLOP/s")
        print(f"\n{HEAD}", flush=True)
        report["rows"] = [dataclasses.asdict(row) for row in rows]
        self._save(report)  # in case that something ends the run from outside
        for index, row in enumerate(rows):
            row = self._measured(row)
            print(row, flush=True)
            report["rows"][index] = dataclasses.asdict(row)
            report["seconds"] = time.perf_counter() - self.began
            self._save(report)
        return report

    def _rows(self):
        """What is to be measured, in the order of what it says most about."""
        from dtf_keras import models

        names = self.arguments.models
        names = names or [name for name in FRAME_SIZES if name in models.names()]

        precisions, clips = self.arguments.precisions, self.arguments.clips
        first, *others = names
        wanted = [
            *itertools.product([first], ["float32"], ["parity"]),
            *itertools.product(names, precisions, ["forward", "training"]),
            *itertools.product(names, precisions, ["from a file", "largest batch"]),
            *itertools.product(others, ["float32"], ["parity"]),
        ]
        sizes = {name: self._config(name).size[0] for name in names}
        return [
            Row(name, precision, phase, sizes[name], clips, note="not measured")
            for name, precision, phase in wanted
            if phase in self.arguments.phases
        ]

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

    def _flops(self, name):
        from dtf_keras import models

        return models.flops_per_frame(name, self._config(name))

    def _matrix_peak(self, precision):
        from dtf_keras.benchmarks.measure import matrix_peak

        with self.accelerator.float32_of_convolutions():
            return matrix_peak(precision, self.arguments.product, CALLS)

    def _measured(self, row):
        """The row with its figures, or with a note why it has none."""
        start = time.perf_counter()
        expected = max(self._taken_by_smaller(row), default=0.0)
        if start - self.began + expected > self.arguments.seconds:
            return dataclasses.replace(row, note="not measured: the time is over")
        with _policy(row.precision):
            found = self._tried(PHASES[row.phase], row)
        self.taken.append((row, time.perf_counter() - start))
        row = dataclasses.replace(row, **{"note": "", **found})
        if row.frames_per_second:
            key = row.model, row.precision, row.phase
            self.bench.rates[key] = row.frames_per_second
        return row

    def _taken_by_smaller(self, row):
        for other, seconds in self.taken:
            if other.phase == row.phase and other.frame_size <= row.frame_size:
                yield seconds

    def _tried(self, phase, row):
        """Figures of the row, or a dict with a `note` of what went wrong."""
        try:
            return phase(self.bench, row)
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
