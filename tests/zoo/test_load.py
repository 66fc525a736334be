import shutil
import warnings

import numpy as np
import pytest

from dtf_keras import zoo
from dtf_keras.input_format import InputFormat
from tests.helpers.small_presets import GLOSSES, READS, small_model

VIDEO = {"video": np.random.default_rng(0).random((1, 8, 32, 32, 3), "float32")}


def same_weights(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.usefixtures("own_zoo")
def test_the_name_of_a_model_gives_its_default_preset():
    model = zoo.get("full_conv_v6")
    assert same_weights(model, small_model("full_conv_v6"))
    assert (model.input_format, model.glosses) == (READS, GLOSSES)
    assert model.name == "full_conv_v6"


@pytest.mark.usefixtures("own_zoo")
def test_the_name_of_a_preset_gives_that_one():
    expected = small_model("full_conv_v6", residual=True)
    for model in (
        zoo.get("full_conv_v6_residual"),
        zoo.get("full_conv_v6", weights="full_conv_v6_residual"),
        zoo.get("full_conv_v6", weights="full_conv_v6_residual", residual=True),
    ):
        assert same_weights(model, expected)
        assert model.config.residual


@pytest.mark.usefixtures("own_zoo")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["full_conv", "full_conv_v6"], "one of full_conv_v6, not of full_conv"),
        (["full_conv", "full_conv_6"], "no preset 'full_conv_6'. Did you mean"),
        (["full_conv_v7"], r"no preset 'full_conv_v7'.*weights=None gives fresh"),
        (["full_conv_70"], r"no model 'full_conv_70'. Did you mean full_conv_v7"),
        (["full_conv", "no/folder"], "no folder 'no/folder'"),
    ],
)
def test_a_preset_that_is_not_there_is_an_error(arguments, message):
    with pytest.raises(ValueError, match=message):
        zoo.get(*arguments)


@pytest.mark.usefixtures("own_zoo")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"residual": True}, "cannot have residual=True.*weights='full_conv_v6_residu"),
        ({"residual": True, "window": 3}, "trained with window=12.*another preset"),
        ({"residual": "yes"}, "residual must be true or false. Received: 'yes'"),
        ({"window": "12"}, "window must be a whole number. Received: '12'"),
        ({"window": 0}, "window must be at least 1. Received: 0"),
        ({"num_classes": "5"}, "num_classes must be a whole number"),
        ({"width": 1.0}, r"trained with width=0.0625"),
        ({"frame_size": 64}, "trained with frame_size=32"),
        ({"windows": 3}, "no option 'windows'.*Did you mean window"),
        ({"num_classes": 3, "glosses": GLOSSES}, "num_classes=3 does not go with 5"),
        ({"glosses": ["A", "A"]}, "twice"),
    ],
)
def test_options_that_contradict_the_preset_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        zoo.get("full_conv_v6", **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": None}, "name must be a string.*Received: None"),
        ({"name": "full_conv", "weights": 3}, "weights must be .*Received: 3"),
    ],
)
def test_what_is_no_name_or_place_is_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        zoo.get(**arguments)


@pytest.mark.usefixtures("own_zoo")
def test_options_of_training_alone_are_free():
    config = zoo.get("full_conv_v6", seed=3, padded_lengths=True).config
    assert (config.seed, config.padded_lengths) == (3, True)


@pytest.mark.usefixtures("own_zoo")
@pytest.mark.parametrize(
    ("head", "glosses"),
    [
        ({"num_classes": 4}, None),
        ({"glosses": ("UP", "DOWN")}, ("UP", "DOWN")),
        ({"glosses": GLOSSES[::-1]}, GLOSSES[::-1]),
    ],
)
def test_another_vocabulary_keeps_all_but_the_last_layer_and_says_so(head, glosses):
    trained = small_model("full_conv")
    with pytest.warns(UserWarning, match="the last is fresh"):
        model = zoo.get("full_conv", **head)
    for layer in trained.layers:
        ours = model.get_layer(layer.name).get_weights()
        if layer.name == "classifier":
            assert not np.array_equal(ours[0], layer.get_weights()[0])
        else:
            pairs = zip(ours, layer.get_weights(), strict=True)
            assert all(np.array_equal(a, b) for a, b in pairs)
    assert model(VIDEO).shape[-1] == model.config.num_classes
    assert (model.input_format, model.glosses) == (READS, glosses)


@pytest.mark.usefixtures("own_zoo")
def test_the_presets_own_vocabulary_keeps_the_last_layer_too():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = zoo.get("full_conv", num_classes=6)
        assert same_weights(zoo.get("full_conv", glosses=GLOSSES), model)
    assert same_weights(model, small_model("full_conv"))


def test_weights_none_is_the_published_size():
    config = zoo.get("full_conv", weights=None).config
    assert (config.num_classes, config.frame_size, config.width) == (1237, 112, 1.0)
    model = zoo.get("full_conv", None, frame_size=32)
    assert model.glosses is None
    assert model.input_format == InputFormat(32, 32, crop=0.875)
    model = zoo.get("full_conv", None, frame_size=32, glosses=GLOSSES)
    assert (model.config.num_classes, model.glosses) == (6, GLOSSES)


@pytest.mark.parametrize("where", ["path", "string", "file://"])
def test_a_folder_is_read_where_it_is(small_zoo, machine, where):
    path = small_zoo / "full_conv"
    weights = {"path": path, "string": str(path), "file://": path.as_uri()}[where]
    assert same_weights(zoo.get("full_conv", weights), small_model("full_conv"))
    assert not machine.exists()


@pytest.mark.parametrize(
    "name", ["model.weights.h5", "config.json", "glosses.txt", "README.md"]
)
def test_a_changed_file_is_named_with_both_hashes(small_zoo, tmp_path, name):
    path = tmp_path / "copy"
    shutil.copytree(small_zoo / "full_conv", path)
    expected = zoo.read_preset(path).metadata["files"][name]["sha256"]
    (path / name).write_bytes((path / name).read_bytes() + b"\n")
    with pytest.raises(zoo.HashMismatchError, match=f"{name}.*{expected}, got") as info:
        zoo.get("full_conv", weights=path)
    assert str(info.value).count(expected) == 1
    (path / name).unlink()
    with pytest.raises(zoo.PresetError, match=f"lacks the file {name}"):
        zoo.get("full_conv", weights=path)
