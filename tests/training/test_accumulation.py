import dataclasses

import keras
import numpy as np
import pytest

from dtf_keras import training
from dtf_keras.training import RunConfig
from dtf_keras.training.run.averaging import swap_back
from dtf_keras.training.run.checkpoint import load_state, save_state
from dtf_keras.training.run.model import compile_model
from dtf_keras.training.settings.config import SettingError
from tests.helpers.killed_run import fit_until_killed
from tests.helpers.small import build, draws_nothing, inputs

LENGTHS = [16, 12, 16, 9, 13, 16, 10, 16]
GLOSSES = np.array([[1, 2], [3, 0], [4, 0], [5, 0], [1, 2], [3, 0], [2, 0], [4, 1]])
SETTINGS = {
    "epochs": 2,
    "learning_rate": 0.001,
    "warmup_steps": 1,
    "clip_norm": 0.5,
    "weight_decay": 0.01,
}


def compiled(accumulate, **settings):
    """A model whose batch norms are frozen; an epoch is two batches of eight clips."""
    model = build("full_conv", **draws_nothing("full_conv"))
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    config = RunConfig(accumulate=accumulate, **{**SETTINGS, **settings})
    compile_model(config, model, 2 * accumulate)
    return model


def train(model, accumulate, updates):
    """Updates by the same eight clips, in as many batches as make one."""
    x, y = inputs(LENGTHS, 16), GLOSSES.astype("int32")
    for _ in range(updates):
        for part in np.split(np.arange(8), accumulate):
            own = {name: values[part] for name, values in x.items()}
            model.train_on_batch(own, y[part])


def assert_same(model, other, atol=1e-5):
    pairs = zip(model.get_weights(), other.get_weights(), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, atol=atol)


@pytest.mark.parametrize(
    "settings", [{}, {"l2": 0.1, "ema": 0.5}, {"layer_rates": {"classifier": 0.1}}]
)
def test_four_batches_make_the_update_of_one_four_times_as_large(settings):
    whole, parts = compiled(1, **settings), compiled(4, **settings)
    before = whole.get_weights()
    train(whole, 1, updates=3)
    train(parts, 4, updates=3)
    assert_same(parts, whole)
    pairs = zip(before, whole.get_weights(), strict=True)
    assert max(np.abs(one - other).max() for one, other in pairs) > 1e-3
    if settings.get("ema"):
        for model in (whole, parts):
            swap_back(model)
        assert_same(parts, whole)


def test_a_state_goes_on_in_smaller_steps(tmp_path):
    """Three halves of an update are done; then each is two quarters."""
    begun, whole = compiled(2), compiled(2)
    path = tmp_path / "a.weights.h5"
    x, y = inputs(LENGTHS, 16), GLOSSES.astype("int32")
    halves = [
        ({name: values[at] for name, values in x.items()}, y[at])
        for at in (slice(0, 4), slice(4, 8), slice(0, 4))
    ]
    for half in halves:
        begun.train_on_batch(*half)
        whole.train_on_batch(*half)
    save_state(begun, path, epochs_done=1)
    rest = {name: values[4:] for name, values in x.items()}
    whole.train_on_batch(rest, y[4:])
    other = compiled(4)
    assert load_state(other, path) == 1
    for at in (slice(4, 6), slice(6, 8)):
        own = {name: values[at] for name, values in x.items()}
        other.train_on_batch(own, y[at])
    assert_same(other, whole)
    assert int(other.optimizer.iterations) == int(whole.optimizer.iterations) == 2
    with pytest.raises(SettingError, match="cannot continue from it with --accumulate"):
        load_state(compiled(3), path)


@pytest.mark.usefixtures("small_model")
def test_an_interrupted_run_keeps_the_steps_that_an_epoch_left_over(
    small_config, tmp_path
):
    config = dataclasses.replace(small_config, accumulate=4, epochs=3)  # of six steps
    whole = training.fit(config, tmp_path / "whole")
    fit_until_killed(config, tmp_path / "killed", epoch=0)
    resumed = training.resume(tmp_path / "killed")
    assert [row["loss"] for row in resumed.read_history()] == [
        row["loss"] for row in whole.read_history()
    ]
