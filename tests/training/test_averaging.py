import dataclasses

import keras
import numpy as np
import pytest

from dtf_keras import training, zoo
from dtf_keras.training.run import fitting as run
from tests.helpers.backends import to_numpy
from tests.helpers.killed_run import fit_until_killed

pytestmark = pytest.mark.usefixtures("small_model", "small_config")


def weights_of(folder):
    model = zoo.get("any", None, num_classes=5, frame_size=32, width=1)
    model.load_weights(folder.best_weights)
    return model.get_weights()


@pytest.fixture
def config(small_config):
    return dataclasses.replace(small_config, ema=0.8, epochs=2)


class RunningAverage(keras.callbacks.Callback):
    """The average of the weights over the steps, made without the optimiser."""

    def __init__(self):
        super().__init__()
        self.after_epochs = []
        self.now = None

    def on_train_batch_end(self, batch, logs=None):
        weights = [to_numpy(v.value) for v in self.model.trainable_variables]
        if self.now is None:
            self.now = weights
        pairs = zip(self.now, weights, strict=True)
        self.now = [0.8 * average + 0.2 * weight for average, weight in pairs]

    def on_epoch_end(self, epoch, logs=None):
        self.after_epochs.append(self.now)


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="JAX has no weights between two steps"
)
def test_the_weights_evaluated_and_kept_are_the_average(config, tmp_path, monkeypatch):
    average = RunningAverage()
    callbacks = run._callbacks
    monkeypatch.setattr(run, "_callbacks", lambda *all: [average, *callbacks(*all)])
    folder = training.fit(config, tmp_path / "run")
    metrics = folder.read_metrics()
    best = average.after_epochs[metrics["best_epoch"] - 1]
    trained = [w for w in weights_of(folder) if w.dtype == "float32"]
    for kept, expected in zip(trained, best, strict=True):
        np.testing.assert_allclose(kept, expected, atol=1e-5)
    lowest = min(row["val_wer"] for row in folder.read_history())
    assert metrics["wer"]["dev"]["wer"] == lowest


def test_an_interrupted_run_with_an_average_ends_as_if_it_had_not_been(
    config, tmp_path
):
    whole = training.fit(config, tmp_path / "whole")
    fit_until_killed(config, tmp_path / "killed", epoch=0)
    resumed = training.resume(tmp_path / "killed")
    assert [row["loss"] for row in resumed.read_history()] == [
        row["loss"] for row in whole.read_history()
    ]
    for one, other in zip(weights_of(resumed), weights_of(whole), strict=True):
        np.testing.assert_array_equal(one, other)
