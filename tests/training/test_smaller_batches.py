import dataclasses
import json

import keras
import pytest

from dtf_keras import commands, training
from dtf_keras.training import RunConfig
from dtf_keras.training.run import fitting
from dtf_keras.training.run.smaller_batches import (
    LARGER,
    OutOfMemoryError,
    memory_errors,
    with_smaller_batch,
)
from dtf_keras.training.scoring import dev_errors
from tests.test_out_of_memory import own_error

pytestmark = pytest.mark.usefixtures("small_model", "small_config")


class Memory(keras.callbacks.Callback):
    """A machine with room for a batch of so many clips from an epoch on."""

    def __init__(self, batch_size, config, epoch=0):
        super().__init__()
        self.fits = config.batch_size <= batch_size
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now >= self.epoch and batch == 1 and not self.fits:
            raise own_error()


@pytest.fixture
def room_for(monkeypatch):
    def limit(batch_size, epoch=0):
        callbacks = fitting._callbacks

        def limited(folder, config, *rest):
            memory = Memory(batch_size, config, epoch)
            return [memory, *callbacks(folder, config, *rest)]

        monkeypatch.setattr(fitting, "_callbacks", limited)

    return limit


def numbers(folder):
    history = folder.read_history()
    return [(row["loss"], row["val_wer"], row["learning_rate"]) for row in history]


def test_a_run_starts_again_with_the_batch_that_fits(
    small_config, tmp_path, room_for, capsys
):
    smaller = dataclasses.replace(small_config, batch_size=2, accumulate=4)
    expected = training.fit(smaller, tmp_path / "expected")
    room_for(2)
    capsys.readouterr()
    folder = training.fit(small_config, tmp_path / "run")
    assert numbers(folder) == numbers(expected)
    lines = [line for line in capsys.readouterr().out.splitlines() if "MEMORY" in line]
    assert lines == [
        "OUT OF MEMORY with --batch-size 8: going on from the start with --batch-size "
        "4 --accumulate 2, so that an update of the weights still has as many clips.",
        "OUT OF MEMORY with --batch-size 4: going on from the start with --batch-size "
        "2 --accumulate 4, so that an update of the weights still has as many clips.",
    ]
    saved = folder.read_config()
    assert saved.config == smaller
    assert saved.made_with[LARGER] == [
        {"batch_size": 8, "accumulate": 1, "epochs": 0},
        {"batch_size": 4, "accumulate": 2, "epochs": 0},
    ]
    metrics = folder.read_metrics()
    assert (metrics["config"]["batch_size"], metrics["config"]["accumulate"]) == (2, 4)
    assert metrics["made_with"][LARGER] == saved.made_with[LARGER]


def test_whole_epochs_are_kept(small_config, tmp_path, room_for, capsys):
    whole = training.fit(small_config, tmp_path / "whole")
    room_for(4, epoch=2)
    folder = training.fit(small_config, tmp_path / "run")
    assert "OUT OF MEMORY with --batch-size 8: going on after epoch 2 with" in (
        capsys.readouterr().out
    )
    assert numbers(folder)[:2] == numbers(whole)[:2]
    assert len(numbers(folder)) == 4
    rates = [row["learning_rate"] for row in folder.read_history()]
    assert rates == [row["learning_rate"] for row in whole.read_history()]
    saved = folder.read_config()
    assert saved.made_with[LARGER] == [{"batch_size": 8, "accumulate": 1, "epochs": 2}]

    expected = numbers(folder)
    folder.metrics.unlink()
    assert numbers(training.resume(folder.path)) == expected
    assert folder.read_metrics()["made_with"][LARGER] == saved.made_with[LARGER]


def test_scoring_that_does_not_fit_does_the_same(small_config, tmp_path, monkeypatch):
    transcribe = dev_errors.transcribe

    def limited(model, corpus, batch_size, *rest):
        if batch_size > 4:
            raise MemoryError
        return transcribe(model, corpus, batch_size, *rest)

    monkeypatch.setattr(dev_errors, "transcribe", limited)
    folder = training.fit(small_config, tmp_path / "run")
    assert folder.read_config().config.batch_size == 4


def test_one_clip_that_does_not_fit_ends_in_a_sentence(
    small_config, tmp_path, room_for, capsys
):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"format": 3, "settings": small_config.to_dict()}))
    room_for(0)
    out = ["--out", str(tmp_path / "run")]
    assert commands.main(["fit", "--config", str(config), *out]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: Memory does not suffice for a batch of one clip:")
    assert "--precision mixed_bfloat16" in error
    assert "--frame-size (now 32)" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("batch_size", "num_clips", "smaller"),
    [(8, 100, (4, 2)), (6, 100, (3, 2)), (9, 100, (3, 3)), (7, 100, (1, 7))]
    + [(16, 10, (5, 2)), (1, 100, None)],
)
def test_an_update_keeps_its_clips(batch_size, num_clips, smaller):
    found = with_smaller_batch(RunConfig(batch_size=batch_size), num_clips)
    assert (found and (found.batch_size, found.accumulate)) == smaller


def test_other_errors_stay_as_they_are():
    with (
        pytest.raises(RuntimeError, match="no such kernel"),
        memory_errors(RunConfig(), 8),
    ):
        raise RuntimeError("no such kernel")
    one = RunConfig(batch_size=1, precision="mixed_bfloat16", remat=True)
    with pytest.raises(OutOfMemoryError) as caught, memory_errors(one, 8):
        raise MemoryError
    assert "--" not in str(caught.value).replace("--frame-size", "")
