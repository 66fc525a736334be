import shutil

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.training import RunConfig, RunFolder, SettingError
from dtf_keras.training.run.freezing import freeze_layers
from dtf_keras.training.run.initial_weights import (
    InitialWeights,
    find_weights,
    start_from,
)
from dtf_keras.zoo.preset import WEIGHTS
from dtf_keras.zoo.weights_file import load_by_layer
from tests.helpers import small
from tests.helpers.backends import to_numpy

GLOSSES = data.Vocabulary("ABCDE")  # with blank, the classes of `small`


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Weights of a full_conv with the names of its classes."""
    path = tmp_path_factory.mktemp("source") / "model.weights.h5"
    model = small.shared("full_conv")
    model.save_weights(path)
    GLOSSES.to_file(path.with_name("glosses.txt"))
    return path


def only_backbone(layer):
    return None if layer.startswith("backbone/") else "not asked for"


def weights_of(layer):
    return [to_numpy(weight) for weight in layer.weights]


def test_layers_of_the_same_name_take_the_weights_and_the_others_stay(source):
    model, full_conv = small.build("full_conv_v3"), small.shared("full_conv")
    before = weights_of(model.get_layer("attention"))
    found = load_by_layer(model, source)
    for name in ("backbone", "enc1_conv", "enc2_bn", "enc3_bn", "classifier"):
        ours, theirs = model.get_layer(name), full_conv.get_layer(name)
        for one, other in zip(weights_of(ours), weights_of(theirs), strict=True):
            np.testing.assert_array_equal(one, other)
    for one, other in zip(
        weights_of(model.get_layer("attention")), before, strict=True
    ):
        np.testing.assert_array_equal(one, other)
    parts = ("", "/query", "/key", "/value", "/output")
    assert found.fresh == {f"attention{part}": "not in the file" for part in parts}
    assert not found.unused
    assert len(found.loaded) == 18 + 6 + 1
    assert "backbone (18 layers), enc1_conv" in str(found)


def test_only_the_layers_asked_for_are_loaded_and_misfits_are_said(source, tmp_path):
    found = load_by_layer(small.build("full_conv_v5"), source, only_backbone)
    assert {path.partition("/")[0] for path in found.loaded} == {"backbone"}
    assert found.fresh["classifier"] == "not asked for"
    found = load_by_layer(small.build("full_conv", num_classes=9), source)
    assert list(found.fresh) == ["classifier"]
    assert "(64, 9)" in found.fresh["classifier"]
    small.shared("full_conv_v9").save_weights(tmp_path / "v9.weights.h5")
    found = load_by_layer(small.build("full_conv_v5"), tmp_path / "v9.weights.h5")
    assert found.unused == ("pooled_fusion/gru/gru",)
    assert not found.fresh


def test_a_frozen_model_and_its_weights_go_together(source, tmp_path):
    model = small.build("full_conv_v5")
    freeze_layers(model, ["backbone"])
    assert len(load_by_layer(model, source, only_backbone).loaded) == 18
    model.save_weights(tmp_path / "frozen.weights.h5")
    free = small.build("full_conv_v5")
    free.load_weights(tmp_path / "frozen.weights.h5")
    for one, other in zip(free.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_was_loaded_is_said_and_kept(source):
    lines = []
    config = RunConfig(model="full_conv_v3")
    model, found = small.build("full_conv_v3"), InitialWeights(source)
    start = start_from(model, config, found, GLOSSES, lines.append)
    assert str(source) in lines[0]
    assert "not loaded: attention (not in the file)" in lines[0]
    assert len(start["sha256"]) == 64
    assert "classifier" in start["loaded"]
    other = data.Vocabulary("EDCBA")
    start = start_from(model, config, found, other, lines.append)
    assert start["fresh"]["classifier"] == "other glosses"
    config = RunConfig(model="full_conv_v3", init_layers=("backbone", "*_bn"))
    start = start_from(model, config, found, GLOSSES, lines.append)
    assert {"backbone/stem_conv", "enc1_bn"} <= {*start["loaded"]}
    assert start["fresh"]["enc1_conv"] == "not asked for"


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        ({}, {"width": 0.125}, "none of its layers fits full_conv_v3.*--width"),
        ({"freeze": ("attention",)}, {}, "attention is to be frozen, but .*no weights"),
        ({"init_layers": ("backbon",)}, {}, "init_layers: .*Did you mean backbone"),
    ],
)
def test_a_start_that_cannot_be_is_an_error(settings, options, message, source):
    config = RunConfig(model="full_conv_v3", **settings)
    model = small.build("full_conv_v3", **options)
    freeze_layers(model, config.freeze)
    with pytest.raises(SettingError, match=message):
        start_from(model, config, InitialWeights(source), GLOSSES, lambda line: None)


def test_weights_are_found_in_a_run_a_preset_and_a_file(source, tmp_path):
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    shutil.copyfile(source, run.best_weights)
    for place, expected in [
        (run.path, run.best_weights),
        (source.parent, source.parent / WEIGHTS),
        (source, source),
    ]:
        assert find_weights(RunConfig(init_from=str(place)), GLOSSES).path == expected
    with pytest.raises(FileNotFoundError, match="give a run folder"):
        find_weights(RunConfig(init_from=str(tmp_path)), GLOSSES)
    (tmp_path / "x.weights.h5").write_text("junk")
    found = InitialWeights(tmp_path / "x.weights.h5")
    with pytest.raises(SettingError, match="is damaged, or no"):
        start_from(small.build("full_conv"), RunConfig(), found, GLOSSES)
