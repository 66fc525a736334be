"""The models of the zoo: size, cost, frames a second and memory, as a CSV table."""

import csv
import dataclasses
import datetime
import importlib.util
import math
import pathlib
import platform
import sys
import typing
from concurrent.futures.process import BrokenProcessPool

from dtf_keras.benchmarks import check_models
from dtf_keras.eta import Pace, about

BACKBONE, PLAIN = "ResNet backbone", "plain PyTorch ResNet-18"
"""Rows beside the models: the backbone that many share, and what it compares with."""
TABLE = "models.csv"


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Times models on this machine and writes a table of them.

    Forward as `predict` computes it, and a whole training step: CTC, gradients, Adam.
    Clips lie in memory; reading them is left out. Each figure comes from a process of
    its own. Measured is the backend that Keras runs on (KERAS_BACKEND). Beside the
    models stand, on a processor, the backbone that many of them share and the same
    network in plain PyTorch, where that is installed, on as many frames.
    """

    models: tuple[str, ...] = ()
    """Models, in this order; by default all."""
    phases: tuple[typing.Literal["forward", "training"], ...] = ("forward", "training")
    """What is timed."""
    clips: int = 1
    """Clips in the batch."""
    frames: int = 32
    """Frames of a clip."""
    frame_size: int | None = None
    """Side of the frames in pixels; by default each model's own."""
    classes: int = 1296
    """Classes V, blank among them."""
    width: float = 1.0
    """Factor on the models' channels."""
    precision: typing.Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    """Policy of Keras."""
    repeats: int = 5
    """Measurements; their median counts."""
    out: pathlib.Path = pathlib.Path("results")
    """Folder of the table; rows of other models, machines and backends in it stay."""


@dataclasses.dataclass(frozen=True)
class Figures:
    """A row of the table.

    Attributes:
        model: its name, `BACKBONE` or `PLAIN`.
        phase: "forward" or "training".
        backend, device, precision: what it ran on.
        clips, frames, frame_size, width, classes: of the batch and the model.
        parameters: number of trainable weights.
        gmacs_per_frame: multiply-adds of a forward pass a frame, in thousand millions.
        frames_per_second: measured.
        matrix_share: of what a plain matrix product reaches there, from 0 to 1; a
            training step counts as three forward passes.
        peak_memory_gib: of the process; on an accelerator what the program took there.
        versions: of Python, Keras and the backend.
        date: of the measurement.
    """

    model: str
    phase: str
    backend: str
    device: str
    precision: str
    clips: int
    frames: int
    frame_size: str
    width: float
    classes: int
    parameters: int
    gmacs_per_frame: float
    frames_per_second: float
    matrix_share: float
    peak_memory_gib: float
    versions: str
    date: str

    @property
    def key(self):
        """What tells it from the other rows of a table."""
        last = [field.name for field in dataclasses.fields(self)].index("parameters")
        return tuple(str(value) for value in dataclasses.astuple(self)[:last])

    def __str__(self):
        return (
            f"{self.model:<26}{self.phase:<10}{self.frame_size:>9}"
            f"{self.parameters:>13,}{self.gmacs_per_frame:>10.3f}"
            f"{self.frames_per_second:>11.1f}{self.matrix_share:>7.0%}"
            f"{self.peak_memory_gib:>8.2f}"
        )


HEAD = (
    f"{'model':<26}{'phase':<10}{'pixels':>9}{'parameters':>13}{'GMAC':>10}"
    f"{'frames/s':>11}{'share':>7}{'GiB':>8}"
)


def run(arguments):
    """Measures, prints a line as soon as it is known, and writes the table.

    Args:
        arguments: `Arguments`.

    Returns:
        List of `Figures`.

    Raises:
        CannotMeasure: there is no model of a name.
    """
    from dtf_keras import models
    from dtf_keras.benchmarks.accelerators import this_backend
    from dtf_keras.benchmarks.measure import in_new_process

    names = list(arguments.models or models.names())
    check_models(*names)
    todo = [(name, phase) for name in names for phase in arguments.phases]
    if this_backend().card() is None:
        todo += [(name, "forward") for name in _beside()]
    print(HEAD, flush=True)
    pace, found = Pace(len(todo)), []
    for done, (name, phase) in enumerate(todo, start=1):
        try:
            one = in_new_process(measure, arguments, name, phase)
        except BrokenProcessPool:
            print(
                f"{name} {phase}: left out, its process was ended, most likely for "
                "lack of memory",
                flush=True,
            )
            continue
        found.append(one)
        print(one, flush=True)
        write_table(arguments.out / TABLE, found)
        print(f"{done}/{len(todo)}, {about(pace.to_go(done))}", file=sys.stderr)
    return found


def _beside():
    plain = [PLAIN] if importlib.util.find_spec("torch") else []
    return [BACKBONE, *plain]


def measure(arguments, name, phase):
    """One model, in this process: `Figures`."""
    import keras

    keras.config.set_dtype_policy(arguments.precision)
    keras.utils.set_random_seed(1)
    if name == PLAIN:
        return _of_plain_torch(arguments)
    if name == BACKBONE:
        return _of_backbone(arguments)
    return _of_model(arguments, name, phase)


def _of_model(arguments, name, phase):
    from dtf_keras import models
    from dtf_keras.benchmarks.accelerators import this_backend
    from dtf_keras.benchmarks.noise import arrays_of, tensors_of

    size = {"frame_size": arguments.frame_size} if arguments.frame_size else {}
    config = models.make_config(
        name, num_classes=arguments.classes, width=arguments.width, **size
    )
    model = models.build(name, config)
    model.compile(metrics=[])
    batch = tensors_of(arrays_of(config, arguments.clips, arguments.frames))
    backend = this_backend()
    if phase == "training":
        program = backend.training_step(model, batch)
    else:
        batch = batch[0]
        program = backend.forward(model, batch)
    macs = models.flops_per_frame(name, config) / 2
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return _timed(arguments, name, phase, config.size, program, batch, parameters, macs)


def _of_backbone(arguments):
    from keras import ops

    from dtf_keras.benchmarks.accelerators import Program
    from dtf_keras.benchmarks.measure import compiled
    from dtf_keras.layers import ResNet

    side = arguments.frame_size or 224
    layer = ResNet(width=arguments.width)
    shape = (arguments.clips, arguments.frames, side, side, 3)
    layer.build(shape)
    parameters = sum(math.prod(weight.shape) for weight in layer.trainable_weights)
    macs = layer.count_macs(shape[1:]) / arguments.frames

    def features(x):
        if _backend() != "torch":
            return layer(x, training=False)
        import torch

        with torch.no_grad():
            return layer(x, training=False)

    x = ops.convert_to_tensor(_noise(shape))
    return _timed(
        arguments,
        BACKBONE,
        "forward",
        (side, side),
        Program(compiled(features), _of_process),
        x,
        parameters,
        macs,
    )


def _of_plain_torch(arguments):
    import torch

    from dtf_keras.benchmarks.accelerators import Program
    from dtf_keras.benchmarks.plain_resnet import PlainResNet18
    from dtf_keras.layers import ResNet

    side = arguments.frame_size or 224
    model = PlainResNet18(arguments.width).eval()
    pictures = arguments.clips * arguments.frames
    x = torch.tensor(_noise((pictures, 3, side, side)))

    def features(x):
        with torch.no_grad():
            return model(x).numpy()

    parameters = sum(weight.numel() for weight in model.parameters())
    layer = ResNet(width=arguments.width)
    layer.build((1, 1, side, side, 3))
    macs = layer.count_macs((1, side, side, 3))
    program = Program(features, _of_process)
    found = _timed(
        arguments, PLAIN, "forward", (side, side), program, x, parameters, macs
    )
    versions = f"python {platform.python_version()}, torch {torch.__version__}"
    return dataclasses.replace(
        found, backend="torch", precision="float32", versions=versions
    )


def _of_process():
    from dtf_keras.benchmarks.measure import memory

    return memory()[1]


def _timed(arguments, name, phase, size, program, batch, parameters, macs):
    from dtf_keras.benchmarks.accelerators import this_backend, versions
    from dtf_keras.benchmarks.measure import (
        matrix_peak,
        median_seconds,
        processor,
        wait,
    )

    wait(program.call(batch))
    seconds = median_seconds(program.call, batch, arguments.repeats, limit=60.0)
    backend = this_backend()
    card = backend.card()
    peak = program.peak_memory() if card else _of_process()
    rate = arguments.clips * arguments.frames / seconds
    flops = 2 * macs * (3 if phase == "training" else 1)
    with backend.float32_of_convolutions():
        share = rate * flops / matrix_peak(arguments.precision)
    return Figures(
        model=name,
        phase=phase,
        backend=_backend(),
        device=card or processor(),
        precision=arguments.precision,
        clips=arguments.clips,
        frames=arguments.frames,
        frame_size="x".join(map(str, size)),
        width=arguments.width,
        classes=arguments.classes,
        parameters=parameters,
        gmacs_per_frame=round(macs / 1e9, 4),
        frames_per_second=round(rate, 1),
        matrix_share=round(share, 3),
        peak_memory_gib=round(peak / 2**30, 2),
        versions=", ".join(f"{name} {one}" for name, one in versions().items()),
        date=datetime.date.today().isoformat(),
    )


def write_table(path, found):
    """Puts rows into a CSV table, in place of those of the same key.

    Args:
        path: of the table; made if it is not there.
        found: list of `Figures`.
    """
    from dtf_keras.files import write_whole

    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {one.key: dataclasses.asdict(one) for one in read_table(path)}
    rows |= {one.key: dataclasses.asdict(one) for one in found}

    def write(part):
        with open(part, "w", encoding="utf-8", newline="") as file:
            names = [field.name for field in dataclasses.fields(Figures)]
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows.values())

    write_whole(path, write)


def read_table(path):
    """The `Figures` of a CSV table; none where there is no file."""
    if not path.is_file():
        return []
    kinds = {field.name: field.type for field in dataclasses.fields(Figures)}
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Figures(**{name: kinds[name](value) for name, value in row.items()})
            for row in csv.DictReader(file)
        ]


def _backend():
    import keras

    return keras.backend.backend()


def _noise(shape):
    import numpy as np

    return np.random.default_rng(0).uniform(size=shape).astype("float32")
