import keras
import numpy as np
import pytest

from dtf_keras.training import RunConfig, SettingError
from dtf_keras.training.run.averaging import swap_back
from dtf_keras.training.run.checkpoint import load_state, save_state
from dtf_keras.training.run.freezing import freeze_layers
from dtf_keras.training.run.layer_names import matches, matches_within, named_layers
from dtf_keras.training.run.model import compile_model
from tests.helpers import small
from tests.helpers.backends import to_numpy

CLIPS = small.inputs([16, 12])
GLOSSES = np.array([[1, 2], [3, 0]], "int32")


def frozen(*patterns):
    model = small.build("full_conv")
    freeze_layers(model, patterns)
    return model


def values(model):
    return {variable.path: to_numpy(variable.value) for variable in model.variables}


def test_nothing_in_a_frozen_layer_moves_in_training():
    model = frozen("backbone", "enc1_bn")
    model.compile(optimizer=keras.optimizers.Adam(0.1))
    before = values(model)
    model.train_on_batch(CLIPS, GLOSSES)
    after = values(model)
    moved = {path for path in before if (before[path] != after[path]).any()}
    still = {path for path in before if path.startswith(("backbone/", "enc1_bn/"))}
    assert len(still) == 9 * 5 + 4
    assert not still & moved
    assert {"enc1_conv/kernel", "enc2_bn/moving_mean", "classifier/bias"} <= moved


def test_a_frozen_batch_norm_normalises_with_its_moving_statistics():
    features = keras.Model(
        (model := frozen("backbone")).inputs, model.get_layer("backbone").output
    )
    real = np.arange(16) < np.array([[16], [12]])
    expected = to_numpy(features(CLIPS))[real]
    trained = to_numpy(features(CLIPS, training=True))[real]
    np.testing.assert_allclose(trained, expected, rtol=1e-5, atol=1e-6)
    assert (small.shared("full_conv").get_layer("backbone").trainable) is True
    free = small.build("full_conv")
    free = keras.Model(free.inputs, free.get_layer("backbone").output)
    assert np.abs(to_numpy(free(CLIPS, training=True))[real] - expected).max() > 0.1


def with_norm_scales(**settings):
    """A compiled model whose batch norms keep scale and shift."""
    config = RunConfig(
        model="full_conv",
        freeze_norm_scales=True,
        warmup_steps=0,
        learning_rate=0.1,
        schedule="step",
        **settings,
    )
    model = small.build("full_conv")
    compile_model(config, model, steps_per_epoch=10)
    return model


@pytest.mark.parametrize(
    "settings",
    [
        {"l2": 0.1, "layer_rates": {"*_bn": 2.0, "backbone": 0.5}},
        {"weight_decay": 0.1, "freeze": ("backbone/stem_*",)},
    ],
)
def test_batch_norms_keep_scale_and_shift_while_their_statistics_move(settings):
    model = with_norm_scales(**settings)
    scales = {f"{path}/{one}" for path in norms(model) for one in ("gamma", "beta")}
    assert len(scales) == 2 * (9 + 3)
    assert not scales & {one.path for one in model.trainable_variables}
    before = values(model)
    model.train_on_batch(CLIPS, GLOSSES)
    after = values(model)
    moved = {path for path in before if (before[path] != after[path]).any()}
    assert not scales & moved
    still = {path for path in before if "freeze" in settings and "/stem_" in path}
    statistics = {path for path in before if "/moving_" in path}
    assert statistics - still <= moved
    assert not still & moved
    assert {"enc1_conv/kernel", "classifier/bias"} <= moved


def norms(model):
    return {
        path
        for path, layer in named_layers(model)
        if isinstance(layer, keras.layers.BatchNormalization)
    }


def test_a_run_that_keeps_scales_goes_on_where_it_stopped(tmp_path):
    settings = {"ema": 0.9, "layer_rates": {"backbone": 0.5}}
    model = with_norm_scales(**settings)
    model.train_on_batch(CLIPS, GLOSSES)
    save_state(model, tmp_path / "last.weights.h5", epochs_done=1)
    model.train_on_batch(CLIPS, GLOSSES)
    other = with_norm_scales(**settings)
    load_state(other, tmp_path / "last.weights.h5")
    other.train_on_batch(CLIPS, GLOSSES)
    for one in (model, other):
        swap_back(one)  # the averages, which Keras keeps of what is trained
    for one, expected in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, expected, atol=1e-6)


def test_layers_in_layers_are_frozen_by_their_path():
    model = frozen("backbone/stem_*", "block4_b_bn")
    backbone = model.get_layer("backbone")
    assert not backbone.convolutions[0].trainable
    assert not backbone.norms[0].trainable
    assert not backbone.norms[-1].trainable
    assert backbone.convolutions[-1].trainable


def test_paths_name_each_layer_with_weights_once():
    paths = [path for path, _ in named_layers(small.shared("full_conv_v9"))]
    assert len(paths) == len(set(paths))
    assert {"backbone/stem_bn", "fusion/gru/gru", "pooled_fusion/gru/gru"} < set(paths)
    assert matches("backbone/stem_bn", "stem_*")
    assert not matches("backbone/stem_bn", "backbone")
    assert matches_within("backbone/stem_bn", "backbone")
    assert not matches_within("backbone/stem_bn", "enc*")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("backbon", "Did you mean backbone"), ("*", "no weights of full_conv to train")],
)
def test_a_pattern_that_cannot_be_is_an_error(pattern, message):
    with pytest.raises(SettingError, match=message):
        frozen(pattern)
