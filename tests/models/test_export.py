"""Every model leaves as a SavedModel and as ONNX, and says the same there."""

import sys

import keras
import numpy as np
import pytest
from small import build, inputs

from dtf_keras import models
from dtf_keras.layers import count_valid_steps

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="SavedModel and ONNX are exported by TensorFlow alone",
)


def telling(name):
    """A small model whose logits are of the size of 1, so that a difference shows."""
    known = models.entry(name).config.__dataclass_fields__
    # A GRU step a neighbour is unrolled: few neighbours convert in a fraction.
    few = {"window": 4, "pooled_window": 2}
    model = build(name, **{key: k for key, k in few.items() if key in known})
    model(inputs([16, 16]), training=True)
    kernel = model.get_layer("classifier").kernel
    kernel.assign(np.random.default_rng(0).normal(size=kernel.shape) * 3)
    return model


def unit_floats(lengths, length=None):
    x = inputs(lengths, length, junk=1)
    return {**x, "video": x["video"].astype("float32") / 255}


# Other batch sizes and lengths than any the model was built or called with.
BATCHES = [unit_floats([30, 21, 17], 40), unit_floats([157, 99]), unit_floats([1, 0])]


def assert_says_what_the_model_says(exported, model):
    for x in BATCHES:
        expected = model.predict_on_batch(x)
        logits = exported(x)
        assert logits.shape == expected.shape
        np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-4)
    steps = count_valid_steps(expected[:1] if len(expected) == 1 else expected)
    assert np.asarray(steps).max() <= 1
    own = model.predict_on_batch(BATCHES[0])
    assert own[own > models_padding()].std() > 0.1


def models_padding():
    return -1e8


@on_tensorflow
@pytest.mark.parametrize("name", models.names())
def test_a_saved_model_gives_the_same_logits(name, tmp_path):
    import tensorflow as tf

    model = telling(name)
    model.export(tmp_path / "saved", verbose=False)
    saved = tf.saved_model.load(str(tmp_path / "saved"))
    assert_says_what_the_model_says(lambda x: saved.serve(x).numpy(), model)
