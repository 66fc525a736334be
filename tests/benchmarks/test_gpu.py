import json

import keras
import pytest

from dtf_keras import models
from dtf_keras.benchmarks import BENCHMARKS, CannotMeasure, accelerators, gpu
from dtf_keras.benchmarks.accelerators import Accelerator, Program, this_backend
from dtf_keras.benchmarks.gpu import Arguments, Row
from dtf_keras.commands.benchmark import main

CLIP = 2**30
"""Bytes that a clip takes of the accelerator that is made up."""


class MadeUp(Accelerator):
    """An accelerator whose memory ends at the forward pass, in any precision.

    A training step takes `CLIP` a clip, and a tenth more where there are many.
    """

    limit = 10 * CLIP
    trained = ()

    def card(self):
        return "made up"

    def memory(self):
        return self.limit

    def settings(self):
        return {}

    def forward(self, model, x):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB.")

    def training_step(self, model, batch):
        x, glosses = batch
        clips = x["video"].shape[0]
        assert x["video"].shape == (clips, 24, 32, 32, 3)
        assert glosses.shape[0] == clips
        taken = clips * CLIP * (11 if clips > 8 else 10) // 10

        def call(batch):
            if taken > self.limit:
                raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory")
            MadeUp.trained += (clips,)
            return {"loss": keras.ops.ones(())}

        return Program(call, lambda: taken)


@pytest.fixture
def made_up(monkeypatch):
    monkeypatch.setattr(accelerators, "this_backend", MadeUp)
    monkeypatch.setattr(MadeUp, "trained", ())


def test_a_model_is_measured_in_every_phase(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(type(this_backend()), "memory", lambda self: None)
    out = tmp_path / "gpu.json"
    report = gpu.run(
        Arguments(
            models=("full_conv",),
            precisions=("float32",),
            repeats=1,
            out=str(out),
            cpu=True,
        )
    )
    assert json.loads(out.read_text())["rows"] == report["rows"]
    parity, forward, training, from_a_file, largest = report["rows"]
    for row in (forward, training, from_a_file):
        assert row["frames_per_second"] > 0
        assert row["share"] > 0
        assert not row["note"]
    assert training["loss"] > 0
    for how in ("full float32", "as set"):
        assert parity["parity"][how]["logits, relative"] < 1e-5
        assert parity["parity"][how]["loss"] == pytest.approx(
            parity["parity"]["CPU loss"], rel=1e-5
        )
    reading = from_a_file["read_per_second"]
    assert from_a_file["fed"] == (reading >= training["frames_per_second"])
    assert "it is not known how much memory" in largest["note"]
    assert report["backend"] == keras.backend.backend()
    assert report["versions"]["keras"] == keras.__version__
    text = capsys.readouterr().out
    assert "2 x 24 frames, V=16, width 0.0625" in text
    assert "full_conv         32 px  float32         training" in text
    assert "frames/s are read" in text


def test_without_memory_a_row_says_so_and_the_next_is_measured(made_up, capsys):
    phases = ("parity", "forward", "training")
    arguments = Arguments(models=("full_conv",), phases=phases, repeats=1, cpu=True)
    report = gpu.run(arguments)
    notes = [row["note"] for row in report["rows"]]
    assert notes == ["out of memory", *2 * ["out of memory", ""]]
    training = report["rows"][2]
    assert training["peak_memory"] == 2 * CLIP
    flops = models.flops_per_frame(
        "full_conv",
        models.make_config("full_conv", num_classes=16, width=0.0625, frame_size=32),
    )
    assert training["share"] == pytest.approx(
        3 * flops * training["frames_per_second"] / report["matrix peak"]["float32"]
    )
    assert "2.00     1.000" in capsys.readouterr().out
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    ("limit", "clips"),
    [(10 * CLIP, 9), (9.8 * CLIP, 8), (5 * CLIP, 5), (0.5 * CLIP, None)],
)
def test_the_largest_batch_is_the_one_that_memory_holds(
    made_up, monkeypatch, limit, clips
):
    monkeypatch.setattr(MadeUp, "limit", limit)
    arguments = Arguments(
        models=("full_conv",),
        phases=("largest batch",),
        precisions=("float32",),
        repeats=1,
        cpu=True,
    )
    (row,) = gpu.run(arguments)["rows"]
    if clips is None:
        assert row["note"] == "out of memory"
        return
    assert row["clips"] == clips
    assert max(MadeUp.trained) == MadeUp.trained[-1] == clips


def test_what_the_time_does_not_allow_is_listed(made_up, tmp_path):
    arguments = Arguments(seconds=0, out=str(tmp_path / "gpu.json"), cpu=True)
    rows = gpu.run(arguments)["rows"]
    here = {name for name in gpu.FRAME_SIZES if name in models.names()}
    assert {row["model"] for row in rows} == here
    assert len(rows) == 9 * len(here)  # parity in one precision alone
    assert {row["note"] for row in rows} == {"not measured: the time is over"}


def test_an_error_is_told_in_its_first_line():
    error = ValueError("no such kernel\nat line 3")
    assert gpu._note(error) == "failed: ValueError: no such kernel"
    error = RuntimeError("RESOURCE_EXHAUSTED: Failed to allocate 8.00GiB")
    assert gpu._note(error) == "out of memory"


def test_the_time_of_a_measurement_is_foretold_by_those_of_smaller_frames():
    benchmark = gpu._Benchmark(MadeUp(), Arguments())
    benchmark.taken = [
        (Row("a", "float32", "training", 112, 2), 5.0),
        (Row("b", "float32", "training", 224, 2), 50.0),
        (Row("c", "float32", "forward", 112, 2), 2.0),
    ]
    small, large = (Row("d", "float32", "training", size, 2) for size in (112, 224))
    assert list(benchmark._taken_by_smaller(small)) == [5.0]
    assert list(benchmark._taken_by_smaller(large)) == [5.0, 50.0]


def test_a_machine_without_a_gpu_is_told_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(type(this_backend()), "card", lambda self: None)
    assert main(["gpu"]) == 1
    sentence = f"error: {keras.backend.backend()} finds no GPU on this machine"
    assert capsys.readouterr().err.startswith(sentence)
    assert "gpu" in BENCHMARKS


def test_an_unknown_model_is_named():
    with pytest.raises(CannotMeasure, match="full_conv"):
        gpu.run(Arguments(models=("full_cony",), cpu=True))


def test_what_float32_means_is_set_back():
    backend = this_backend()
    before = backend.settings()
    for context in (backend.full_float32, backend.float32_of_convolutions):
        with context():
            assert backend.settings().keys() == before.keys()
        assert backend.settings() == before
