"""Weights go to layers by name: wholly or not at all, or as far as they fit."""

import h5py
import keras
import ml_dtypes
import numpy as np
import pytest

from dtf_keras import models, zoo
from dtf_keras.models import registry
from dtf_keras.models.layer_paths import class_layers, named_layers, weight_shapes
from dtf_keras.models.parts.plain import PlainConfig, classify, features_of
from dtf_keras.zoo.weights_file import load_by_layer, load_weights, save_weights
from tests.helpers.small_presets import GLOSSES, SMALL, small_model


@pytest.fixture
def path(tmp_path):
    """A `.weights.h5` file of `full_conv`."""
    small_model("full_conv").save_weights(tmp_path / "a.weights.h5")
    return tmp_path / "a.weights.h5"


@pytest.fixture
def two_heads(monkeypatch):
    """Name of a model with a head of its own class, one nested, and a shared layer."""
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))

    @models.register(PlainConfig, "two heads")
    def two_heads(inputs, config):
        x = features_of(inputs, config)
        dense = keras.layers.Dense(config.num_classes, name="shared")
        nested = keras.Sequential([keras.layers.Dense(config.num_classes, name="own")])
        nested.name = "nested"
        return {"logits": classify(nested(x), config), "conv_logits": dense(x)}

    return "two_heads"


def dataset(path, layer, key="0"):
    """Path in the file of a variable."""
    with h5py.File(path) as file:
        for group in file["layers"].values():
            if group["vars"].attrs["name"] == layer:
                return f"{group.name}/vars/{key}"
    raise KeyError(layer)


def changed(path, layer, value):
    """Fills a variable of the file with a value, in the value's own type."""
    place = dataset(path, layer)
    with h5py.File(path, "a") as file:
        shape = file[place].shape
        del file[place]
        file[place] = np.full(shape, value)


def assert_refused(path, message):
    """A model stays wholly as it is."""
    model = models.build("full_conv", models.make_config("full_conv", **SMALL))
    before = model.get_weights()
    with pytest.raises(zoo.PresetError, match=message):
        load_weights(model, path)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (np.float32("nan"), "weights that are NaN or infinite"),
        (np.float16("-inf"), "weights that are NaN or infinite"),
        (np.float64(1e300), "weights that are NaN or infinite"),
        (np.complex64(1), "complex64"),
        (np.bytes_(b"1.0"), r"\|S3"),
        (True, "bool"),
    ],
)
def test_weights_that_are_no_finite_numbers_are_refused_by_layer(path, value, what):
    changed(path, "enc2_conv", value)
    message = rf"a\.weights\.h5 holds {what}.* in its layer 'enc2_conv'"
    assert_refused(path, message)
    with pytest.raises(zoo.PresetError, match=message):
        load_by_layer(small_model("full_conv"), path)
    with pytest.raises(zoo.PresetError, match=message):
        zoo.get("full_conv", path, **SMALL)


def test_a_model_that_is_not_finite_is_not_saved_as_a_preset(tmp_path):
    model = small_model("full_conv")
    layer = model.get_layer("enc2_conv")
    layer.set_weights([np.full_like(one, np.nan) for one in layer.get_weights()])
    with pytest.raises(zoo.PresetError, match=r"is NaN or infinite.*are not kept"):
        zoo.save_preset(model, tmp_path / "mine", glosses=GLOSSES)
    assert not (tmp_path / "mine").exists()
    model.save(tmp_path / "a.keras")
    with pytest.raises(zoo.PresetError, match=r"a\.keras holds.*'enc2_conv'"):
        zoo.get("full_conv", tmp_path / "a.keras")


def test_a_file_without_a_layer_is_refused(path):
    with h5py.File(path, "a") as file:
        del file[dataset(path, "enc3_bn").split("/vars")[0]]
    assert_refused(path, r"does not fit full_conv .*enc3_bn: not in the file")


def test_a_file_with_another_layer_is_refused(path):
    with h5py.File(path, "a") as file:
        file["layers/dense_9/vars/0"] = np.zeros(3)
        file["layers/dense_9/vars"].attrs["name"] = "extra"
    assert_refused(path, r"does not fit full_conv .*it has a layer extra too")


def test_a_layer_of_another_size_is_refused_with_both(path):
    with h5py.File(path, "a") as file:
        place = dataset(path, "classifier", "1")
        del file[place]
        file[place] = np.zeros(7)
    assert_refused(path, r"classifier: shapes \[.*\(6,\)\], in the file \[.*\(7,\)\]")


@pytest.mark.parametrize("kind", ["soft", "external", "virtual", "file"])
def test_a_file_that_refers_to_others_is_refused(path, tmp_path, kind):
    with h5py.File(path, "a") as file:
        place = dataset(path, "classifier", "1")
        del file[place]
        if kind == "soft":
            file[place] = h5py.SoftLink("/elsewhere")
        elif kind == "external":
            file[place] = h5py.ExternalLink("other.h5", "/x")
        elif kind == "virtual":
            layout = h5py.VirtualLayout((6,), "float32")
            layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "x", (6,))
            file.create_virtual_dataset(place, layout)
        else:
            secret = [(str(tmp_path / "secret"), 0, 24)]
            file.create_dataset(place, (6,), "float32", external=secret)
    assert_refused(path, r"is not safe: its .*/vars/1 lies elsewhere")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_half_precision_loads_into_single(tmp_path, dtype):
    model, other = small_model("full_conv_v3"), small_model("full_conv_v3", window=4)
    save_weights(model, tmp_path / "half.weights.h5", dtype)
    load_weights(other, tmp_path / "half.weights.h5")
    for one, two in zip(other.get_weights(), model.get_weights(), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, two.astype(dtype))


def test_bfloat16_loads_into_single(path):
    values = np.array([1.5, -2, 0, 3, 4, 5], ml_dtypes.bfloat16)
    with h5py.File(path, "a") as file:
        place = dataset(path, "classifier", "1")
        del file[place]
        file.create_dataset(place, data=values).attrs["dtype"] = "bfloat16"
    model = small_model("full_conv")
    load_weights(model, path)
    bias = model.get_layer("classifier").get_weights()[1]
    np.testing.assert_array_equal(bias, values.astype("float32"))


def test_what_is_left_stays_as_it_is(path):
    model = small_model("full_conv", padded_lengths=True)
    before = model.get_layer("enc1_conv").get_weights()
    found = load_by_layer(model, path, {"enc1_conv": "not asked for"}.get)
    assert found.fresh == {"enc1_conv": "not asked for"}
    for one, two in zip(
        model.get_layer("enc1_conv").get_weights(), before, strict=True
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", models.names())
def test_the_layers_of_a_model_have_paths_of_their_own(name):
    one, other = small_model(name), small_model(name)
    paths = [path for path, _ in named_layers(one)]
    assert len(set(paths)) == len(paths)
    assert weight_shapes(one) == weight_shapes(other)


SIZES = {"frame_size": 32, "width": 0.0625}


@pytest.mark.parametrize(
    ("file", "options", "head"),
    [
        ("mine", {}, {"num_classes": 4}),
        ("mine", {}, {"glosses": GLOSSES[::-1]}),
        ("mine.keras", {}, {"num_classes": 4}),
        ("mine.weights.h5", SIZES, {"num_classes": 4}),
    ],
)
def test_all_layers_that_depend_on_the_classes_are_fresh(
    two_heads, tmp_path, file, options, head
):
    model, path = small_model(two_heads), tmp_path / file
    assert class_layers(model) == {"classifier", "nested/own", "shared"}
    if file == "mine":
        zoo.save_preset(model, path, glosses=GLOSSES)
    else:
        model.save(path) if file == "mine.keras" else model.save_weights(path)
    again = zoo.get(two_heads, path, **options)
    assert all(map(np.array_equal, again.get_weights(), model.get_weights()))
    with pytest.warns(UserWarning, match="the last is fresh"):
        other = zoo.get(two_heads, path, **options, **head)
    for layer in model.layers:
        ours = other.get_layer(layer.name).get_weights()
        if layer.name in ("classifier", "nested", "shared"):
            assert not np.array_equal(ours[0], layer.get_weights()[0])
        else:
            assert all(map(np.array_equal, ours, layer.get_weights()))
