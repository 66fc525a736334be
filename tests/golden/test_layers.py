"""Layers against the source's: outputs, gradients, one step of batch norm."""

import functools
import json

import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.convert.assignments import assignments
from dtf_keras.layers import find_neighbours
from dtf_keras.layers.fusion.anchors import spaced_anchors
from dtf_keras.layers.fusion.neighbourhood import highest
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import gradient, gradients, jit, to_numpy


def _stack(about):
    """The layers of a fixture, each with the name of its module in the source."""
    window = about.get("window_size")
    kind = about["kind"]
    if kind == "TemporalAttention3":
        return [(layers.TemporalAttention3(window), "")]
    if kind == "TemporalAttention4":
        return [(layers.TemporalAttention4(window), "")]
    if kind == "TemporalAttention5":
        return [(layers.HashMapMerge(window, source_padding=True), "")]
    if kind == "TemporalBlock":
        size = about["n_outputs"], about["kernel_size"], about["dilation"]
        return [(layers.CausalTCNBlock(*size, dropout=0.0), "")]
    if kind == "Encoder":
        return [
            (
                layers.LocalTopKAttention(about["h"], window, unbiased_norm=True),
                f"enc_layers.{number}.",
            )
            for number in range(about["layers"])
        ]
    raise NotImplementedError(kind)


class Fixture:
    """A fixture's arrays and our layers with its weights."""

    def __init__(self, name):
        self.arrays = recipe.fixture(name)
        self.about = recipe.layer_about(name)
        self.assignments = []
        self.layers = []
        x = self.arrays["x"]
        weights = recipe.part(self.arrays, "w")
        for layer, prefix in _stack(self.about):
            layer.build(x.shape)
            for one in assignments(layer, prefix):
                one.variable.assign(one.value(weights))
                self.assignments.append(one)
            self.layers.append(layer)

    def run(self, x, **kwargs):
        for layer in self.layers:
            x = layer(x, **kwargs)
        return x[:, : self.arrays["out"].shape[1]]  # its axis ends with the last frame

    def loss(self, x):
        return ops.sum(self.run(x) * ops.convert_to_tensor(self.arrays["g"]))


NAMES = ["ta3", "ta3_short", "ta4", "ta5", "ta5_collide"]
NAMES += ["block", "block_same", "enc1", "enc3"]
every_layer = pytest.mark.parametrize("name", NAMES)
fixture = functools.cache(lambda name: Fixture(f"layer_P_{name}"))


@every_layer
def test_outputs(name):
    golden = fixture(name)
    x = ops.convert_to_tensor(golden.arrays["x"])
    for run in (golden.run, jit(golden.run)):
        np.testing.assert_allclose(
            to_numpy(run(x)), golden.arrays["out"], atol=1e-5, rtol=0
        )


@every_layer
def test_gradients(name):
    golden = fixture(name)
    x = golden.arrays["x"]
    np.testing.assert_allclose(
        gradient(golden.loss, x), golden.arrays["grad_x"], atol=5e-5, rtol=0
    )
    trained = [one for one in golden.assignments if one.variable.trainable]
    slopes = gradients(
        lambda: golden.loss(ops.convert_to_tensor(x)), [o.variable for o in trained]
    )
    torch_slopes = recipe.part(golden.arrays, "grad")
    assert {name for one in trained for name in one.sources} == set(torch_slopes)
    for one, slope in zip(trained, slopes, strict=True):
        expected = one.value(torch_slopes)  # folded as the weights are
        np.testing.assert_allclose(slope, expected, atol=5e-5, rtol=0)


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("ta")])
def test_neighbours(name):
    golden = fixture(name)
    x = ops.convert_to_tensor(golden.arrays["x"])
    mask = ops.ones(x.shape[:2], dtype="bool")
    found = find_neighbours(x, mask, golden.about["window_size"])
    np.testing.assert_array_equal(to_numpy(found.frames), golden.arrays["topk0"])
    if "lengths" in golden.arrays:
        kept = to_numpy(golden.layers[0].compute_mask(x, mask))
        assert kept.sum(axis=1).tolist() == golden.arrays["lengths"].tolist()


@pytest.mark.parametrize("name", ["ta", "ta_odd"])
def test_attention_without_projections(name):
    """The source's function form: weights over frames, chosen first, masked after."""
    arrays = recipe.fixture(f"layer_P_{name}")
    window = arrays["topk0"].shape[-1]
    layer = layers.LocalTopKAttention(num_heads=1, window=window)

    def attend(x):
        heads = layer._heads(x)
        weights = layer._weights(heads, heads, ops.ones(x.shape[:2], "bool"))
        return ops.matmul(weights[:, 0], x)

    def loss(x):
        return ops.sum(attend(x) * ops.convert_to_tensor(arrays["g"]))

    x = ops.convert_to_tensor(arrays["x"])
    for run in (attend, jit(attend)):
        np.testing.assert_allclose(to_numpy(run(x)), arrays["out"], atol=1e-5, rtol=0)
    np.testing.assert_allclose(
        gradient(loss, arrays["x"]), arrays["grad_x"], atol=5e-5, rtol=0
    )
    scores = ops.matmul(x, ops.transpose(x, (0, 2, 1)))
    marked = to_numpy(highest(scores, ops.ones_like(scores, "bool"), window))
    found = np.nonzero(marked)[-1].reshape(arrays["topk0"].shape)
    np.testing.assert_array_equal(found, arrays["topk0"])


@pytest.mark.parametrize("name", ["block", "block_same"])
def test_one_training_step_of_batch_norm(name):
    golden = Fixture(f"layer_P_{name}")  # not the shared one: its statistics move
    before = recipe.part(golden.arrays, "w")
    out = golden.run(ops.convert_to_tensor(golden.arrays["x"]), training=True)
    np.testing.assert_allclose(
        to_numpy(out), golden.arrays["train_out"], atol=1e-5, rtol=0
    )
    frames = np.prod(golden.arrays["x"].shape[:2])
    moved = recipe.part(golden.arrays, "train")
    for one in golden.assignments:
        (source, *_) = one.sources
        if source not in moved:
            continue
        now = to_numpy(one.variable)
        if source.endswith("running_var"):
            # Torch keeps the unbiased variance, Keras the one it divides by.
            now = 0.9 * before[source] + (now - 0.9 * before[source]) * (
                frames / (frames - 1)
            )
        np.testing.assert_allclose(now, moved.pop(source), atol=1e-5, rtol=0)
    assert not moved


def test_table_of_sampled_frames():
    path = recipe.FIXTURES / "temporal_ids.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    longest = max(map(int, table))
    lengths = np.array([int(n) for n in table], "int32")
    mask = ops.convert_to_tensor(np.arange(longest) < lengths[:, None])
    for run in (spaced_anchors, jit(spaced_anchors)):
        for row, (n, frames) in enumerate(table.items()):
            assert to_numpy(run(mask))[row, : int(n) // 4].tolist() == frames


def test_sampled_frames_are_those_the_layer_keeps():
    golden = fixture("ta4")
    x = ops.convert_to_tensor(golden.arrays["x"])
    kept, _ = golden.layers[0].choose(x, ops.ones(x.shape[:2], "bool"), False)
    expected = golden.arrays["temporal_ids"].tolist()
    assert to_numpy(kept).tolist() == [expected] * len(x)
