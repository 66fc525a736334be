import csv
import dataclasses

import keras
import pytest

from dtf_keras.benchmarks import CannotMeasure, measure, models
from dtf_keras.benchmarks.models import BACKBONE, PLAIN, Arguments


@pytest.fixture
def in_this_process(monkeypatch):
    monkeypatch.setattr(
        measure, "in_new_process", lambda function, *args: function(*args)
    )


def tiny(out, **settings):
    return Arguments(
        **{
            "models": ("full_conv",),
            "frames": 8,
            "frame_size": 32,
            "classes": 6,
            "width": 0.0625,
            "repeats": 1,
            "out": out,
            **settings,
        }
    )


def test_a_table_of_models_and_of_the_backbone_they_share(
    in_this_process, tmp_path, capsys
):
    found = models.run(tiny(tmp_path))
    by_name = {(one.model, one.phase): one for one in found}
    forward, training = (by_name["full_conv", how] for how in ("forward", "training"))
    assert forward.parameters == training.parameters > 1000
    assert forward.frames_per_second > 0
    assert forward.backend == keras.backend.backend()
    assert f"keras {keras.__version__}" in forward.versions
    ours = by_name[BACKBONE, "forward"]
    assert ours.gmacs_per_frame > 0
    if (PLAIN, "forward") in by_name:
        plain = by_name[PLAIN, "forward"]
        assert (plain.parameters, plain.gmacs_per_frame) == (
            ours.parameters,
            ours.gmacs_per_frame,
        )
    with (tmp_path / "models.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == [one.model for one in found]
    assert models.read_table(tmp_path / "models.csv") == found
    assert capsys.readouterr().out.splitlines()[1].startswith("full_conv")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AMD EPYC", "AMD EPYC (family 26 model 2, AVX2)"),
        ("AMD EPYC 7R13", "AMD EPYC 7R13 (AVX2)"),
    ],
)
def test_processors_of_the_same_name_are_told_apart(name, said, tmp_path):
    info = tmp_path / "cpuinfo"
    one = f"cpu family\t: 26\nmodel\t\t: 2\nmodel name\t: {name}\nflags\t\t: fpu avx2"
    info.write_text(f"{one}\n\n{one}\n")
    assert measure.processor(info).startswith(f"{said}, ")
    assert measure.processor(tmp_path / "none").endswith(" cores")


def test_rows_of_other_machines_stay_in_the_table(in_this_process, tmp_path):
    arguments = tiny(tmp_path, phases=("forward",))
    found = models.run(arguments)
    path = tmp_path / "models.csv"
    other = dataclasses.replace(found[0], device="another machine")
    models.write_table(path, [other])
    newer = dataclasses.replace(found[0], frames_per_second=1.5)
    models.write_table(path, [newer])
    assert models.read_table(path) == [newer, *found[1:], other]


def test_an_unknown_model_is_named_before_anything_is_measured(tmp_path):
    with pytest.raises(CannotMeasure, match="full_conv"):
        models.run(tiny(tmp_path, models=("full_cony",)))
    assert not list(tmp_path.iterdir())
