import json

import keras
import pytest

from dtf_keras import models
from dtf_keras.benchmarks import BENCHMARKS, CannotMeasure, accelerators, gpu
from dtf_keras.benchmarks.accelerators import Accelerator, Program, this_backend
from dtf_keras.benchmarks.gpu import Arguments, Row
from dtf_keras.commands.benchmark import main


class MadeUp(Accelerator):
    """An accelerator whose memory ends at the forward pass, in any precision."""

    def card(self):
        return "made up"

    def settings(self):
        return {}

    def forward(self, model, x):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB.")

    def training_step(self, model, batch):
        x, glosses = batch
        assert x["video"].shape == (2, 24, 32, 32, 3)
        assert glosses.shape[0] == 2
        return Program(lambda batch: {"loss": keras.ops.ones(())}, lambda: 3 * 2**30)


@pytest.fixture
def made_up(monkeypatch):
    monkeypatch.setattr(accelerators, "this_backend", MadeUp)


def test_a_model_is_measured_forward_and_in_training(tmp_path, capsys):
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
    forward, training = report["rows"]
    for row in (forward, training):
        assert row["frames_per_second"] > 0
        assert row["share"] > 0
        assert not row["note"]
    assert training["loss"] > 0
    for how in ("full float32", "as set"):
        assert report["parity"][how]["logits, relative"] < 1e-5
        assert report["parity"][how]["loss"] == pytest.approx(
            report["parity"]["CPU loss"], rel=1e-5
        )
    assert report["backend"] == keras.backend.backend()
    assert report["versions"]["keras"] == keras.__version__
    text = capsys.readouterr().out
    assert "2 x 24 frames, V=16, width 0.0625" in text
    assert text.splitlines()[-1].startswith("full_conv         32 px  float32")


def test_without_memory_a_row_says_so_and_the_next_is_measured(made_up, capsys):
    report = gpu.run(Arguments(models=("full_conv",), repeats=1, cpu=True))
    assert [row["note"] for row in report["rows"]] == 2 * ["out of memory", ""]
    assert report["parity"] == {"note": "out of memory"}
    training = report["rows"][1]
    assert training["peak_memory"] == 3 * 2**30
    flops = models.flops_per_frame(
        "full_conv",
        models.make_config("full_conv", num_classes=16, width=0.0625, frame_size=32),
    )
    assert training["share"] == pytest.approx(
        3 * flops * training["frames_per_second"] / report["matrix peak"]["float32"]
    )
    assert "3.00     1.000" in capsys.readouterr().out
    assert keras.config.dtype_policy().name == "float32"


def test_what_the_time_does_not_allow_is_listed(made_up, tmp_path):
    arguments = Arguments(seconds=0, out=str(tmp_path / "gpu.json"), cpu=True)
    rows = gpu.run(arguments)["rows"]
    here = {name for name in gpu.FRAME_SIZES if name in models.names()}
    assert {row["model"] for row in rows} == here
    assert len(rows) == 4 * len(here)
    assert {row["note"] for row in rows} == {"not measured: the time is over"}


def test_an_error_is_told_in_its_first_line():
    error = ValueError("no such kernel\nat line 3")
    assert gpu._note(error) == "failed: ValueError: no such kernel"
    error = RuntimeError("RESOURCE_EXHAUSTED: Failed to allocate 8.00GiB")
    assert gpu._note(error) == "out of memory"


def test_the_time_of_a_measurement_is_foretold_by_those_of_smaller_frames():
    benchmark = gpu._Benchmark(MadeUp(), Arguments())
    benchmark.taken = [
        (Row("a", "float32", "training", 112), 5.0),
        (Row("b", "float32", "training", 224), 50.0),
        (Row("c", "float32", "forward", 112), 2.0),
    ]
    small, large = (Row("d", "float32", "training", size) for size in (112, 224))
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
