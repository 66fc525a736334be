import pathlib
import subprocess

import keras
import pytest

from dtf_keras.benchmarks import CannotMeasure, train

ROOT = pathlib.Path(__file__).parents[2]
BACKEND = keras.backend.backend()
TINY = {
    "model": "full_conv",
    "clips": 1,
    "frames": 8,
    "frame_size": 32,
    "width": 0.0625,
    "classes": 6,
    "steps": 1,
}


def arguments(**settings):
    return train.Arguments(**{**TINY, "backends": (BACKEND,), "rounds": 1, **settings})


def test_another_version_runs_in_turn_with_this_one(monkeypatch, capsys, tmp_path):
    runs = iter([8.0, 4.0, 10.0, 5.0, 9.0, 3.0])
    versions = []

    def in_process(settings, backend, version):
        versions.append(version)
        return {"frames_per_second": next(runs), "matrix_share": 0.25}

    monkeypatch.setattr(train, "_in_process", in_process)
    (tmp_path / "dtf_keras").mkdir()
    found = train.run(arguments(rounds=3, beside=tmp_path))
    assert versions == [ROOT, tmp_path.resolve()] * 3
    assert found == {BACKEND: [[8.0, 10.0, 9.0], [4.0, 5.0, 3.0]]}
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split() == [BACKEND, "9.0", "25%", "4.0", "2.25"]


@pytest.mark.parametrize("knows", [False, True])
def test_a_version_has_large_pages_if_its_commands_ask_for_them(
    knows, monkeypatch, tmp_path
):
    seen = []

    def ended(command, env, **how):
        seen.append(env.get("GLIBC_TUNABLES"))
        return subprocess.CompletedProcess(command, 0, '{"frames_per_second": 1}', "")

    monkeypatch.setattr(subprocess, "run", ended)
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1:glibc.malloc.check=0")
    (tmp_path / "dtf_keras").mkdir()
    if knows:
        (tmp_path / "dtf_keras" / "large_pages.py").touch()
    train._in_process(arguments(), BACKEND, tmp_path)
    assert seen == [
        ("glibc.malloc.hugetlb=1:" if knows else "") + "glibc.malloc.check=0"
    ]


@pytest.mark.skipif(BACKEND == "jax", reason="to compile a step takes a minute")
def test_a_step_runs_in_a_process_of_its_own():
    ((rates,),) = train.run(arguments()).values()
    assert len(rates) == 1
    assert rates[0] > 0


def test_a_process_that_fails_tells_its_last_line(tmp_path, monkeypatch):
    monkeypatch.setattr(train, "OURS", tmp_path)
    (tmp_path / "dtf_keras").mkdir()
    (tmp_path / "dtf_keras" / "__init__.py").write_text("raise ImportError('of old')")
    with pytest.raises(CannotMeasure, match="ImportError: of old"):
        train.run(arguments())


def test_what_cannot_be_is_told_before_anything_is_measured(tmp_path):
    with pytest.raises(CannotMeasure, match="Did you mean full_conv"):
        train.run(arguments(model="full_cony"))
    with pytest.raises(CannotMeasure, match="no checkout"):
        train.run(arguments(beside=tmp_path))
    with pytest.raises(CannotMeasure, match="--rounds must be at least 1"):
        train.run(arguments(rounds=0))
