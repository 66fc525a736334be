"""Runs whose batches are shared by devices, or by processes."""

import json
import os
import pathlib
import socket
import subprocess
import sys

import keras
import pytest

from dtf_keras import data, training
from dtf_keras.data.batches.sharing import Sharing
from dtf_keras.models import Recognizer
from dtf_keras.training import RunConfig, SettingError, devices
from dtf_keras.training.run import fitting

BACKEND = keras.backend.backend()
ROOT = pathlib.Path(__file__).parents[2]
shares = pytest.mark.skipif(BACKEND == "torch", reason="Keras shares none on PyTorch")


def run_shared(folder, processes):
    """Runs `helpers/shared_run.py` in processes; gives what each of them prints."""
    ports = []
    for _ in range(processes):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.shared_run", str(folder)],
            cwd=ROOT,
            env={
                **os.environ,
                "KERAS_DISTRIBUTION_JOB_ADDRESSES": ",".join(
                    f"127.0.0.1:{port}" for port in ports
                ),
                "KERAS_DISTRIBUTION_NUM_PROCESSES": str(processes),
                "KERAS_DISTRIBUTION_PROCESS_ID": str(number),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    ended = [one.communicate() for one in started]
    for one, (_, errors) in zip(started, ended, strict=True):
        assert one.returncode == 0, errors[-3000:]
    return [output for output, _ in ended]


def read(folder):
    run = training.RunFolder(folder)
    rows = run.read_history()
    losses = [row["loss"] for row in rows]
    return losses, [row["val_wer"] for row in rows], run.read_metrics()["wer"]


@shares
def test_devices_and_processes_give_the_numbers_of_one(tmp_path):
    """Virtual devices, one after the other: three, then one that goes on."""
    output = json.loads(run_shared(tmp_path, 1)[0].splitlines()[-1])
    losses, wers, measured = read(tmp_path / "one")
    for name in ("three", "continued"):
        found = read(tmp_path / name)
        assert found[0] == pytest.approx(losses, rel=1e-5), name
        assert found[1:] == (wers, measured), name
    assert output == {"three": 3, "continued": 1}
    chief, other = run_shared(tmp_path, 2)
    found = read(tmp_path / "processes")
    assert found[0] == pytest.approx(losses, rel=1e-5)
    assert found[1:] == (wers, measured)
    assert "2 devices of 2 processes" in chief
    said = [line for line in other.splitlines() if "[Gloo]" not in line]
    assert not said
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"one", "three", "continued", "processes"}


@pytest.mark.skipif(BACKEND != "torch", reason="of PyTorch alone")
@pytest.mark.parametrize("wanted", [2, "all"])
def test_on_torch_it_is_said_that_batches_are_not_shared(wanted):
    with pytest.raises(SettingError, match="trains on one device: leave --devices"):
        devices.choose(wanted)


@shares
@pytest.mark.parametrize("wanted", [0, 99])
def test_more_devices_than_there_are_is_one_sentence(wanted):
    with pytest.raises(SettingError, match=f"--devices {wanted}: this machine has"):
        devices.choose(wanted)


@shares
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NUM_PROCESSES", "two", "is a number from 1"),
        ("PROCESS_ID", "2", "from 0 to 1"),
        ("PROCESS_ID", "", "from 0 to 1"),
        ("JOB_ADDRESSES", "", "give host:port of each process"),
    ],
)
def test_processes_that_are_told_wrongly_are_one_sentence(
    monkeypatch, name, value, said
):
    given = {"NUM_PROCESSES": "2", "PROCESS_ID": "0", "JOB_ADDRESSES": "a:1,b:1"}
    for variable, right in {**given, name: value}.items():
        monkeypatch.setenv(f"KERAS_DISTRIBUTION_{variable}", right)
    with pytest.raises(SettingError, match=said):
        devices.choose()


def test_a_batch_has_a_clip_for_each_device(monkeypatch, tmp_path):
    shared = devices.OneDevice()
    shared.sharing = Sharing(4, range(4))
    monkeypatch.setattr(
        "dtf_keras.training.run.fitting.choose_devices", lambda wanted: shared
    )
    with pytest.raises(SettingError, match="--batch-size 3 is shared by 4 devices"):
        training.fit(RunConfig(batch_size=3), tmp_path / "run")


def test_a_process_that_is_not_the_chief_writes_nothing_of_the_run(tmp_path, capsys):
    run = training.RunFolder(tmp_path / "run")
    run.path.mkdir()
    run.glosses.write_text("A\n")
    other = devices.OneDevice()
    other.chief = False
    with devices.own_folder(other, run) as own:
        assert own.glosses.read_text() == "A\n"
        own.history.write_text("")
        print("said by the chief alone")
    assert run.files() == ["glosses.txt"]
    assert not own.path.exists()
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Gloo all-reduce failed: Connection closed by peer [127.0.0.1]"),
        RuntimeError("Collective ops is aborted by: connection reset"),
    ],
)
def test_that_another_process_has_gone_is_said(error, tmp_path):
    several = devices.OneDevice()
    several.processes = 2
    run = training.RunFolder(tmp_path)
    with (
        pytest.raises(SettingError, match="Another process of this run has ended"),
        devices.lost_processes(several, run),
    ):
        raise error
    with pytest.raises(RuntimeError), devices.lost_processes(devices.OneDevice(), run):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        data.ClipError("peer/connection.mp4 cannot be read."),
        FileNotFoundError("collective/train.csv"),
    ],
)
def test_an_error_of_a_file_is_no_lost_process(error, tmp_path):
    several = devices.OneDevice()
    several.processes = 2
    run = training.RunFolder(tmp_path)
    with pytest.raises(type(error)), devices.lost_processes(several, run):
        raise error


@pytest.mark.usefixtures("small_model")
def test_devices_that_cannot_halve_a_batch_say_which_may_fit(
    small_config, tmp_path, monkeypatch
):
    shared = devices.OneDevice()
    shared.has_replicas = True
    monkeypatch.setattr(fitting, "choose_devices", lambda wanted: shared)

    def too_much(*args, **how):
        raise MemoryError

    monkeypatch.setattr(Recognizer, "fit", too_much)
    with pytest.raises(training.OutOfMemoryError, match="such as --batch-size 4"):
        training.fit(small_config, tmp_path / "run")


def test_it_is_said_too_where_the_backend_aborts_the_process(tmp_path):
    code = (
        "import os\n"
        "from dtf_keras.training import RunFolder, devices\n"
        "several = devices.OneDevice()\n"
        "several.processes = 2\n"
        "with devices.lost_processes(several, RunFolder('run')):\n"
        "    os.abort()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert "Another process of this run has ended" in done.stderr
    assert "--resume run" in done.stderr
