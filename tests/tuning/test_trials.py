import dataclasses
import json
import os
import subprocess
import sys

import pytest

from dtf_keras import training
from dtf_keras.commands.tune import main
from dtf_keras.decoding import DecoderOptions
from dtf_keras.training import SettingError, read_config
from dtf_keras.tuning import SearchSettings, search

pytestmark = pytest.mark.usefixtures("small_model", "small_config")
BAYESIAN = SearchSettings("bayesian", trials=2, keep=("width", "weight_decay"))


@pytest.fixture
def config(small_config):
    return dataclasses.replace(small_config, epochs=1)


@pytest.fixture
def lines():
    return []


@pytest.fixture
def trained(monkeypatch):
    """Configs that were trained, in order."""
    configs, fit = [], training.fit

    def note(config, out):
        configs.append(config)
        return fit(config, out)

    monkeypatch.setattr(training, "fit", note)
    return configs


def dev_wers(folder):
    runs = sorted(folder.glob("trials/trial_*/run/metrics.json"))
    return [json.loads(run.read_text())["wer"]["dev"]["wer"] for run in runs]


def test_the_best_on_dev_is_found_and_can_be_trained(config, tmp_path, trained, lines):
    found, wer = search(config, BAYESIAN, tmp_path, lines.append)
    assert len(trained) == 2
    assert wer == min(dev_wers(tmp_path))
    assert found in trained
    assert read_config(tmp_path / "best.json").config == found
    assert trained[0].learning_rate != trained[1].learning_rate
    assert any("to go" in line and "best" in line for line in lines)


def test_a_search_goes_on_where_it_stopped(config, tmp_path, trained, lines):
    search(config, BAYESIAN, tmp_path, lines.append)
    more = dataclasses.replace(BAYESIAN, trials=3)
    search(config, more, tmp_path, lines.append)
    assert len(trained) == 3
    other = dataclasses.replace(config, batch_size=4)
    with pytest.raises(SettingError, match="a search with another batch_size"):
        search(other, BAYESIAN, tmp_path, lines.append)


def test_an_interrupted_trial_is_finished_not_repeated(
    config, tmp_path, trained, lines, monkeypatch
):
    fit = training.fit

    def interrupted(config, out):
        fit(config, out)
        (out / "metrics.json").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            search(config, BAYESIAN, tmp_path, lines.append)
    search(config, BAYESIAN, tmp_path, lines.append)
    assert len(trained) == 2
    assert len(dev_wers(tmp_path)) == 2


def test_a_failed_trial_is_told_with_its_settings(config, tmp_path, lines, monkeypatch):
    fit = training.fit

    def diverge_once(config, out):
        monkeypatch.setattr(training, "fit", fit)
        raise training.TrainingDivergedError("the loss became NaN")

    monkeypatch.setattr(training, "fit", diverge_once)
    search(config, BAYESIAN, tmp_path, lines.append)
    [line] = [line for line in lines if "failed with" in line]
    assert "learning_rate" in line
    assert "the loss became NaN" in line
    assert "1 failed" in lines[-1]


def test_hyperband_trains_the_best_longer(config, tmp_path, trained, lines):
    config = dataclasses.replace(config, epochs=2)
    settings = SearchSettings("hyperband", factor=2, keep=("width", "weight_decay"))
    found, _ = search(config, settings, tmp_path, lines.append)
    assert {run.epochs for run in trained} == {1, 2}
    assert found.epochs == 2


def test_a_chief_hands_out_trials_to_another_process(
    config, tmp_path, trained, lines, monkeypatch, free_port
):
    address = {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": free_port}
    code = (
        "import sys\n"
        "from dtf_keras import tuning\n"
        "from dtf_keras.training import RunConfig\n"
        f"config = RunConfig.from_dict({config.to_dict()!r})\n"
        f"tuning.search(config, tuning.{BAYESIAN!r}, {str(tmp_path)!r})\n"
    )
    env = {**os.environ, **address, "KERASTUNER_TUNER_ID": "chief"}
    chief = subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        for name, value in {**address, "KERASTUNER_TUNER_ID": "tuner0"}.items():
            monkeypatch.setenv(name, value)
        _, wer = search(config, BAYESIAN, tmp_path, lines.append)
        out, _ = chief.communicate(timeout=60)
    finally:
        chief.kill()
    assert chief.returncode == 0
    assert "waiting for the other processes" in out
    assert len(trained) == 2
    assert wer == min(dev_wers(tmp_path))


@pytest.fixture
def free_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def test_flags_are_those_of_a_run(tmp_path, monkeypatch, capsys):
    searched = []

    def note(config, settings, out, say):
        searched.append(config)
        return config, 50.0

    monkeypatch.setattr("dtf_keras.tuning.search", note)
    decoder = ["--decoder.strategy", "beam", "--decoder.width", "5"]
    assert main([*decoder, "--augment", "false", "--trials", "3"]) == 0
    beam = DecoderOptions("beam", 5)
    expected = dataclasses.replace(training.recipes.base(), decoder=beam, augment=False)
    assert searched == [expected]
    assert main(["--data", "phoenix2014", "--model", "vac"]) == 0
    assert searched[1] == training.recipes.base("phoenix2014", "vac")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--keep", "wings"], "no setting 'wings' of the search for full_conv_v10"),
        (["--model", "full_conv_v99"], "no model 'full_conv_v99'"),
    ],
)
def test_what_cannot_be_is_one_sentence(argv, message, tmp_path, capsys):
    assert main([*argv, "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert not (tmp_path / "out").exists()
