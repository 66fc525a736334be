import keras
import numpy as np
import pytest

from dtf_keras.training import SettingError
from dtf_keras.training.run.freezing import freeze_layers
from dtf_keras.training.run.layer_names import matches, matches_within, named_layers
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
    expected = to_numpy(features(CLIPS))
    np.testing.assert_allclose(to_numpy(features(CLIPS, training=True)), expected)
    assert (small.shared("full_conv").get_layer("backbone").trainable) is True
    free = small.build("full_conv")
    free = keras.Model(free.inputs, free.get_layer("backbone").output)
    assert np.abs(to_numpy(free(CLIPS, training=True)) - expected).max() > 0.1


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
