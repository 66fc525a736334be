"""Models with several heads, or with losses of their layers, are trained as others."""

import dataclasses

import pytest

from dtf_keras import training
from dtf_keras.training import RunConfig
from dtf_keras.training.run.corpora import load_split
from dtf_keras.training.run.model import make_model
from tests.helpers import two_heads
from tests.helpers.killed_run import fit_until_killed

COLUMNS = {"logits_loss", "early_loss"}


@pytest.fixture
def config(small_config, monkeypatch):
    two_heads.register(monkeypatch)
    return dataclasses.replace(small_config, model="two_heads", width=1.0)


def losses(folder):
    return [
        (row["loss"], row["logits_loss"], row["early_loss"])
        for row in folder.read_history()
    ]


def test_the_history_has_the_loss_of_each_head(config, tmp_path, capsys):
    folder = training.fit(config, tmp_path / "run")
    for loss, logits, early in losses(folder):
        assert loss == pytest.approx(logits + 0.3 * early, rel=1e-4)
    (_, first, _), *_, (_, last, _) = losses(folder)
    assert last < first
    row = folder.read_history()[0]
    line = f"(early {row['early_loss']:.3f}, logits {row['logits_loss']:.3f}), dev WER"
    assert line in capsys.readouterr().out
    metrics = folder.read_metrics()
    assert metrics["infeasible_clips"] == 0
    saved = folder.read_config()
    _, plain, _ = training.evaluate(saved.config, folder.best_weights, "test")
    assert plain.to_dict() == metrics["wer"]["test"]


def test_weights_of_heads_and_losses_of_layers_are_options_of_the_model(
    config, tmp_path
):
    config = dataclasses.replace(config, epochs=1)
    alone = dataclasses.replace(config, options={"early_weight": 0.0})
    ((loss, logits, early),) = losses(training.fit(alone, tmp_path / "alone"))
    assert loss == pytest.approx(logits, rel=1e-4)
    assert early > 0
    pulled = dataclasses.replace(config, options={"pull": True})
    ((loss, logits, early),) = losses(training.fit(pulled, tmp_path / "pulled"))
    assert loss > 1.001 * (logits + 0.3 * early)


def test_one_head_has_one_loss(config, tmp_path, capsys):
    config = dataclasses.replace(config, epochs=1, options={"early": False})
    folder = training.fit(config, tmp_path / "run")
    assert not COLUMNS & folder.read_history()[0].keys()
    loss = folder.read_history()[0]["loss"]
    assert f"loss {loss:.3f}, dev WER" in capsys.readouterr().out


def test_a_run_with_clips_of_other_lengths_each_epoch_is_continued_exactly(
    config, tmp_path
):
    rescale = {"rescale": [0.5, 1.5], "min_frames": 8, "multiple": 4}
    config = dataclasses.replace(config, augment=True, augmentation=rescale)
    whole = training.fit(config, tmp_path / "whole")
    assert len({loss for loss, _, _ in losses(whole)}) == config.epochs
    fit_until_killed(config, tmp_path / "killed", epoch=1)
    resumed = training.resume(tmp_path / "killed")
    assert losses(resumed) == losses(whole)
    assert resumed.read_metrics()["wer"] == whole.read_metrics()["wer"]


def test_what_is_wrong_with_any_split_is_said_before_training(
    config, tmp_path, monkeypatch
):
    monkeypatch.setattr("dtf_keras.data.Corpus.for_model", too_short)
    with pytest.raises(training.SettingError, match="test: too short"):
        training.fit(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def too_short(self, time_axis, on_bad_clip, say):
    assert time_axis.steps(8) == 2
    if self.split == "test":
        raise ValueError("test: too short")
    return self


def test_each_split_is_loaded_once(config, tmp_path, monkeypatch):
    loaded = []

    def load(config, split, input_format=None):
        loaded.append(split)
        return load_split(config, split, input_format)

    monkeypatch.setattr("dtf_keras.training.run.fitting.load_split", load)
    training.fit(dataclasses.replace(config, epochs=1), tmp_path / "run")
    assert loaded == ["train", "dev", "test"]


def test_an_option_of_the_model_takes_clips_for_as_long_as_their_batch():
    config = RunConfig(options={"padded_lengths": True}, width=0.0625)
    model = make_model(config, 5)
    assert not model.get_layer("logits").active_in_training
