"""Every layer leaves as ONNX, some models in a SavedModel: they say the same there."""

import functools
import importlib.util
import json

import keras
import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.input_format import InputFormat
from dtf_keras.models.export import facts_of
from tests.helpers.small import build, inputs, louder, with_every_layer

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="SavedModel and ONNX are exported by TensorFlow alone",
)
SAVED = ["full_conv_v3", "full_conv_v8"]


@functools.cache
def telling(name):
    """A small model whose logits are of the size of 1, so that a difference shows."""
    model = build(name)
    model(inputs([6, 6]), training=True)
    kernel = model.get_layer("classifier").kernel
    kernel.assign(np.random.default_rng(0).normal(size=kernel.shape) * 3)
    for variable in model.trainable_variables:
        if variable.path.endswith("/alpha"):  # what begins at 0 is to show
            variable.assign(variable + 1)
    return louder(model)


@functools.cache
def said_by(name):
    """Batches of sizes and lengths the model never saw, and its logits of them."""
    said = []
    # 149 frames: numpy's linspace rounds one of their anchors down.
    for lengths, length in (([30, 21, 17], 40), ([149], 160)):
        x = inputs(lengths, length, junk=1)
        x["video"] = x["video"].astype("float32") / 255
        said.append((x, np.asarray(telling(name)(x))))
    return said


def assert_says_the_same(exported, name):
    for x, expected in said_by(name):
        logits = exported(x)
        assert logits.shape == expected.shape
        np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-4)
        assert expected[0, :4].std() > 0.1
        assert logits[-1, -1].max() == 0  # a padded step: blank is certain


def open_onnx(path):
    runtime = pytest.importorskip("onnxruntime")
    return runtime.InferenceSession(path)


@on_tensorflow
@pytest.mark.parametrize("name", SAVED)
def test_a_saved_model_gives_the_same_logits(name, tmp_path):
    import tensorflow as tf

    telling(name).export(tmp_path / "saved", verbose=False)
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    assert_says_the_same(lambda x: saved.serve(x).numpy(), name)


@on_tensorflow
@pytest.mark.parametrize("name", with_every_layer())
def test_an_onnx_file_gives_the_same_logits(name, tmp_path):
    pytest.importorskip("tf2onnx")
    telling(name).export(tmp_path / "model.onnx", format="onnx", verbose=False)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    session = open_onnx(tmp_path / "model.onnx")
    assert_says_the_same(lambda x: session.run(None, x)[0], name)
    shapes = {x.name: x.shape for x in session.get_inputs() + session.get_outputs()}
    assert shapes == {
        "num_frames": ["batch"],
        "video": ["batch", "frames", 32, 32, 3],
        "logits": ["batch", "steps", 6],
    }


@on_tensorflow
def test_an_onnx_file_reads_hands_that_leave_the_picture(tmp_path):
    pytest.importorskip("tf2onnx")
    model = build("full_conv", input="landmarks")
    points = np.random.default_rng(0).normal(size=(1, 40, 21, 2)).astype("float32")
    points[0, 10:22], points[0, 30, 4] = np.nan, np.nan
    x = {"landmarks": points, "num_frames": np.array([40], "int32")}
    model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    logits = open_onnx(tmp_path / "model.onnx").run(["logits"], x)[0]
    np.testing.assert_allclose(logits, model.predict_on_batch(x), rtol=0, atol=1e-5)


@on_tensorflow
def test_what_the_model_reads_and_its_glosses_go_along(tmp_path):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("tf2onnx")
    model = build("full_conv")
    model.glosses = ("RAIN", "SUN", "WÄRME", "WIND", "ICE")
    model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    model.export(tmp_path / "saved", verbose=False)
    metadata = onnx.load(tmp_path / "model.onnx").metadata_props
    of_onnx = {one.key.removeprefix("dtf_keras."): one.value for one in metadata}
    of_saved = json.loads(
        (tmp_path / "saved/assets.extra/dtf_keras.json").read_text(encoding="utf-8")
    )
    assert {name: json.loads(text) for name, text in of_onnx.items()} == of_saved
    assert of_saved["model"] == "full_conv"
    assert tuple(of_saved["glosses"]) == model.glosses
    assert InputFormat.from_dict(of_saved["input_format"]) == model.input_format
    assert of_saved["steps"] == {"before": 10, "after": 13, "stride": 4}


@pytest.mark.parametrize("name", ["full_conv_v3", "full_conv_v7", "full_conv_v8"])
def test_a_model_whose_steps_a_stream_cannot_give_does_not_say_where_they_are(name):
    assert "steps" not in facts_of(build(name))


@on_tensorflow
def test_a_graph_that_reads_bytes_divides_them_itself(tmp_path):
    pytest.importorskip("tf2onnx")
    model = telling("full_conv")
    spec = keras.InputSpec
    signature = {
        "num_frames": spec("int32", shape=(None,), name="num_frames"),
        "video": spec("uint8", shape=(None, None, 32, 32, 3), name="video"),
    }
    path = tmp_path / "model.onnx"
    model.export(path, format="onnx", verbose=False, input_signature=[signature])
    x = inputs([20, 13])
    logits = open_onnx(path).run(["logits"], x)[0]
    np.testing.assert_allclose(logits, model.predict_on_batch(x), rtol=0, atol=1e-4)


@on_tensorflow
def test_an_operation_that_onnx_lacks_is_refused_and_leaves_no_file(tmp_path):
    pytest.importorskip("tf2onnx")

    @keras.saving.register_keras_serializable(package="test")
    class Search(keras.layers.Layer):
        def call(self, x):
            table = keras.ops.arange(9, dtype="float32")
            place = keras.ops.searchsorted(table, keras.ops.reshape(x, (-1,)))
            return x + keras.ops.cast(place[0], "float32")

    video = keras.Input((None, 32, 32, 3), name="video")
    lengths = keras.Input((), dtype="int32", name="num_frames")
    model = models.Recognizer(
        inputs={"num_frames": lengths, "video": video}, outputs=Search()(video)
    )
    with pytest.raises(ValueError, match=r"that ONNX lacks: .*LowerBound"):
        model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    assert not list(tmp_path.iterdir())


@on_tensorflow
def test_onnx_of_half_precision_is_refused(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build("full_conv")
    finally:
        keras.config.set_dtype_policy("float32")
    with pytest.raises(ValueError, match="computes in float16: build it anew under"):
        model.export(tmp_path / "model.onnx", format="onnx")


@on_tensorflow
def test_onnx_without_its_packages_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"dtf_keras\[export\]"):
        build("full_conv").export(tmp_path / "model.onnx", format="onnx")


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="it exports there")
@pytest.mark.parametrize("format", ["tf_saved_model", "onnx"])
def test_another_backend_says_how_to_export(format, tmp_path):
    with pytest.raises(ValueError, match="with KERAS_BACKEND=tensorflow"):
        build("full_conv").export(tmp_path / "model", format=format)
    assert not list(tmp_path.iterdir())
