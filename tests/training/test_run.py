import csv
import dataclasses
import json

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

from dtf_keras import data, evaluation, training
from dtf_keras.input_format import InputFormat
from tests.helpers.coloured_frames import build_small_model
from tests.helpers.killed_run import fit_until_killed

pytestmark = pytest.mark.usefixtures("small_model", "small_config")


def numbers(folder):
    """What a run has to repeat: all but the times."""
    with folder.history.open() as file:
        rows = [
            {name: value for name, value in row.items() if "seconds" not in name}
            for row in csv.DictReader(file)
        ]
    metrics = folder.read_metrics()
    return rows, metrics["wer"], metrics["best_epoch"]


def weights(path):
    values = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                values.update({name: item[()]})
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return values


@pytest.fixture
def finished(small_config, tmp_path):
    return training.fit(small_config, tmp_path / "run")


def test_a_run_learns_and_writes_its_folder(finished, small_config, capsys):
    assert finished.files() == [
        "alignment.png",
        "best.weights.h5",
        "config.json",
        "curves.png",
        "glosses.txt",
        "history.csv",
        "last.weights.h5",
        "metrics.json",
    ]
    history = finished.read_history()
    assert [row["epoch"] for row in history] == [0, 1, 2, 3]
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert history[-1]["learning_rate"] == pytest.approx(0, abs=1e-9)
    saved = training.read_config(finished.config)
    assert saved.config == small_config
    assert saved.input_format == InputFormat(32, 32)
    assert json.loads(finished.config.read_text())["format"] == 3
    assert data.Vocabulary.from_file(finished.glosses).glosses == tuple("ABCD")
    assert Image.open(finished.alignment).width > 1000
    metrics = finished.read_metrics()
    assert metrics["wer"]["test"]["reference_glosses"] == 16
    assert metrics["wer"]["test"]["wer"] < 20
    assert metrics["wer"]["dev"]["wer"] == min(row["val_wer"] for row in history)
    assert metrics["frames_per_second"] > 0
    assert metrics["made_with"]["backend"] == keras.backend.backend()


def test_each_epoch_reports_errors_a_sample_and_the_time_to_go(
    small_config, tmp_path, capsys
):
    training.fit(small_config, tmp_path / "run")
    out = capsys.readouterr().out
    assert out.count(", dev WER") == 4
    assert out.count("to go") == 4
    assert out.count("  signed: ") == out.count("  recognized: ") == 4
    assert "substitutions" in out
    assert "test WER" in out
    assert str(tmp_path / "run") in out
    assert "\b" not in out
    assert "\r" not in out


def test_best_weights_load_into_a_model_that_was_never_compiled(finished):
    from dtf_keras import zoo

    model = zoo.get("any", None, num_classes=5, frame_size=32, width=1)
    model.load_weights(finished.best_weights)
    dev = data.load("coloured_frames", "dev")
    transcripts = training.transcribe(model, dev, batch_size=3)
    references = [list(clip.glosses) for clip in dev.clips]
    measured = finished.read_metrics()["wer"]["dev"]
    assert evaluation.word_errors(references, transcripts).to_dict() == measured
    assert measured["wer"] < 20


def test_the_same_seed_repeats_the_numbers(finished, small_config, tmp_path):
    again = training.fit(small_config, tmp_path / "again")
    assert numbers(again) == numbers(finished)
    other = dataclasses.replace(small_config, seed=7)
    assert numbers(training.fit(other, tmp_path / "other")) != numbers(finished)


@pytest.mark.parametrize("when", ["between epochs", "row written, weights not"])
def test_an_interrupted_run_ends_as_if_it_had_not_been(
    when, finished, small_config, tmp_path
):
    killed, kept = tmp_path / "killed", when == "between epochs"
    fit_until_killed(small_config, killed, epoch=2, kept=kept)
    assert not training.RunFolder(killed).finished

    resumed = training.resume(killed)
    assert numbers(resumed) == numbers(finished)
    expected, actual = weights(finished.last_weights), weights(resumed.last_weights)
    assert expected.keys() == actual.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(actual[name], value, err_msg=name)


def test_a_run_interrupted_after_its_last_epoch_still_gets_its_results(finished):
    before = numbers(finished)
    finished.metrics.unlink()
    assert numbers(training.resume(finished.path)) == before


def test_resuming_a_finished_run_leaves_it_as_it_is(finished):
    before = finished.metrics.stat().st_mtime_ns
    assert training.resume(finished.path).read_metrics() == finished.read_metrics()
    assert finished.metrics.stat().st_mtime_ns == before


def test_a_run_of_another_backend_is_not_resumed(finished):
    finished.metrics.unlink()
    settings = json.loads(finished.config.read_text())
    settings["made_with"]["backend"] = "another"
    finished.config.write_text(json.dumps(settings))
    with pytest.raises(training.SettingError, match="made with backend 'another'"):
        training.resume(finished.path)


def test_a_folder_with_something_in_it_is_not_overwritten(finished, small_config):
    with pytest.raises(FileExistsError, match="--resume"):
        training.fit(small_config, finished.path)


def test_a_run_no_longer_than_the_warm_up_says_how_that_is_scaled(
    small_config, tmp_path, monkeypatch, capsys
):
    def stop(*_):
        raise training.SettingError("enough")

    monkeypatch.setattr("dtf_keras.training.run.fitting.compile_model", stop)
    config = dataclasses.replace(small_config, warmup_steps=24)
    with pytest.raises(training.SettingError, match="enough"):
        training.fit(config, tmp_path / "run")
    assert capsys.readouterr().out == (
        "The run has 24 steps, no more than --warmup-steps 24: the warm-up takes 2 of "
        "them.\n"
    )


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("model", "full_conv_v99", "no model 'full_conv_v99'"),
        ("options", {"colour": 1}, "no option 'colour'"),
        ("options", {"width": 1}, "width is no option"),
        ("data", "fingerspeling", "fingerspelling"),
    ],
)
def test_an_unknown_name_is_said_with_what_there_is(
    setting, value, message, small_config, tmp_path
):
    config = dataclasses.replace(small_config, **{setting: value})
    with pytest.raises(training.SettingError, match=message):
        training.fit(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_not_a_number_stops_the_run(small_config, tmp_path):
    config = dataclasses.replace(small_config, learning_rate=1e30, clip_norm=0)
    with pytest.raises(training.TrainingDivergedError, match="lower --learning-rate"):
        training.fit(config, tmp_path / "run")
    assert not training.RunFolder(tmp_path / "run").finished


def test_every_clip_of_a_split_is_transcribed_in_its_order():
    dev = data.load("coloured_frames", "dev", num_clips=5)

    class Oracle:
        """Logits whose best path is the clip's number."""

        time_axis = build_small_model("any", None, 5, 32, 1).time_axis

        def predict_on_batch(self, inputs):
            return 9.0 * np.eye(5)[inputs["clip_index"]][:, None]

    assert training.transcribe(Oracle(), dev, 2) == [[], ["A"], ["B"], ["C"], ["D"]]
