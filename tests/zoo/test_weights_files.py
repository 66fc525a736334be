"""`zoo.get` with the path of a weights file."""

import os

import keras
import numpy as np
import pytest

from dtf_keras import zoo
from tests.helpers.small_presets import GLOSSES, SMALL, small_model


def same_weights(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.fixture
def h5(tmp_path):
    """A `.weights.h5` file of `full_conv`."""
    path = tmp_path / "a.weights.h5"
    small_model("full_conv").save_weights(path)
    return path


def saved(folder, name, **options):
    """A `.keras` file."""
    path = folder / f"{name}.keras"
    small_model(name, **options).save(path)
    return path


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_weights_are_those_of_the_file(tmp_path, suffix):
    model = small_model("full_conv_v6")
    path = tmp_path / f"a{suffix}"
    model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
    for place in (path, str(path), path.as_uri()):
        assert same_weights(model, zoo.get("full_conv_v6", place, **SMALL))


def test_a_file_says_the_sizes_that_it_knows(h5, tmp_path):
    path = saved(tmp_path, "full_conv_v6")
    model = zoo.get("full_conv_v6", path)
    assert same_weights(model, small_model("full_conv_v6"))
    assert model.config == small_model("full_conv_v6").config
    model = zoo.get("full_conv", h5, frame_size=32, width=0.0625, glosses=GLOSSES)
    assert same_weights(model, small_model("full_conv"))
    assert model.glosses == GLOSSES
    assert model.input_format.frame_size == (32, 32)


@pytest.mark.parametrize("head", [{"num_classes": 4}, {"glosses": ("UP", "DOWN")}])
@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_another_number_of_classes_keeps_all_but_the_last_layer(
    h5, tmp_path, head, suffix
):
    path = h5 if suffix == ".weights.h5" else saved(tmp_path, "full_conv")
    with pytest.warns(UserWarning, match="all layers but the last") as said:
        model = zoo.get("full_conv", path, frame_size=32, width=0.0625, **head)
    (one,) = [warning for warning in said if warning.category is UserWarning]
    assert f"weights of {path} (6 classes); the last is fresh" in str(one.message)
    assert one.filename == __file__
    for layer in small_model("full_conv").layers:
        ours, theirs = model.get_layer(layer.name).get_weights(), layer.get_weights()
        if layer.name != "classifier":
            assert all(map(np.array_equal, ours, theirs))
    assert model.config.num_classes in (4, 3)


def test_weights_files_that_do_not_fit_are_refused(h5, tmp_path):
    for name, options in (
        ("full_conv", {**SMALL, "width": 0.125}),
        ("full_conv_v6", SMALL),
    ):
        with pytest.raises(zoo.PresetError, match=r"a\.weights\.h5 does not fit"):
            zoo.get(name, weights=h5, **options)
    with pytest.raises(FileNotFoundError, match="no weights file"):
        zoo.get("full_conv", weights=tmp_path / "b.weights.h5", **SMALL)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("full_conv_v8", {}, "holds the model 'full_conv_v7', not 'full_conv_v8'"),
        ("full_conv_v7", {}, "saved with residual=True in its layer 'fusion', not Fal"),
        ("full_conv_v7", {"residual": True, "width": 0.125}, "saved with width=0.0625"),
    ],
)
def test_a_keras_file_of_another_model_is_refused(tmp_path, name, options, message):
    path = saved(tmp_path, "full_conv_v7", residual=True)
    with pytest.raises(zoo.PresetError, match=message):
        zoo.get(name, path, **options)
    assert zoo.get("full_conv_v7", path, residual=True, dropout=0.5)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.keras"])
def test_a_damaged_file_is_called_so(tmp_path, name):
    (tmp_path / name).write_text("junk")
    suffix = name.removeprefix("a")
    with pytest.raises(
        zoo.PresetError, match=f"{name} is damaged, or no {suffix} file"
    ):
        zoo.get("full_conv", weights=tmp_path / name, **SMALL)


def test_code_that_a_keras_file_brings_is_not_run(tmp_path):
    trace = str(tmp_path / "trace")
    inputs = keras.Input((1,))
    outputs = keras.layers.Lambda(lambda x: (os.makedirs(trace, exist_ok=True), x)[1])(
        inputs
    )
    keras.Model(inputs, outputs, name="full_conv").save(tmp_path / "bad.keras")
    os.rmdir(trace)
    with pytest.raises(zoo.PresetError, match=r"bad\.keras does not fit full_conv"):
        zoo.get("full_conv", weights=tmp_path / "bad.keras", **SMALL)
    assert not os.path.exists(trace)


def test_a_file_on_a_web_server_is_answered_with_its_folder():
    with pytest.raises(zoo.PresetError, match=r"is a file: give .* https://a\.b/mine,"):
        zoo.get("full_conv", weights="https://a.b/mine/model.weights.h5")
