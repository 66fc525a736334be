"""Layers of SlowFastSign against the published code: outputs, gradients, stages."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.convert.assignments import assignments
from dtf_keras.models.parts.temporal_convolution import temporal_convolution
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import gradient, gradients, jit, to_numpy
from tests.helpers.golden_recipe import part

KERNELS = ("K5", "P2", "K5", "P2")
PATHS = {"main": slice(None), "slow": slice(12), "fast": slice(12, None)}
TRAINED = "sf_temporal_train"
LAYERS = ["sf_stem", "sf_block_s1_t3", "sf_block_s2_t1", "sf_block_s2_t3", "sf_fuse"]
every_layer = pytest.mark.parametrize("name", [*LAYERS, "sf_temporal_eval", TRAINED])


class Fixture:
    """A fixture's arrays, channels last, and our layers with its weights."""

    def __init__(self, name):
        self.arrays, self.about = (
            recipe.fixture(f"layer_P_{name}"),
            recipe.layer_about(name),
        )
        self.training = self.about["mode"] == "train"
        self.xs = self.of("x", np.moveaxis)
        kind = name.split("_")[1]
        parts = getattr(self, f"_{kind}")()
        self.assignments = []
        for layer, prefix in parts:
            for one in assignments(layer, prefix):
                one.variable.assign(one.value(part(self.arrays, "w")))
                self.assignments.append(one)

    def of(self, letter, turned=lambda x, *axes: x):
        """The arrays `x`, or `x0` and on."""
        names = sorted(name for name in self.arrays if name.rstrip("012345") == letter)
        return [turned(self.arrays[name], 1, -1) for name in names]

    def _stem(self):
        self.layer = layers.FrameStem(4, frames=5)
        return self._built()

    def _block(self):
        about = self.about
        self.layer = layers.BottleneckBlock(
            about["out"], about["inner"], about["stride"], about["temporal_kernel"]
        )
        return self._built()

    def _fuse(self):
        self.layer = layers.TwoWayFusion(self.about["alpha"])
        return self._built()

    def _built(self):
        shapes = [x.shape for x in self.xs]
        self.layer.build(shapes if len(shapes) > 1 else shapes[0])
        return [(self.layer, "")]

    def _temporal(self):
        """The convolutions of each path that runs, and a dense layer upon them."""
        frames = keras.Input(self.xs[0].shape[1:])
        features, logits, parts = [], [], []
        for number, (name, own) in enumerate(PATHS.items()):
            if number and not self.training:
                break
            x = layers.FeatureSlice(own.start or 0, own.stop)(frames)
            x = temporal_convolution(x, KERNELS, 8, f"{name}_")
            dense = keras.layers.Dense(9)
            features.append(x)
            logits.append(dense(x))
            parts.append((dense, f"fc.{number}."))
        self.layer = keras.Model(frames, features + logits)
        for name in list(PATHS)[: len(features)]:
            for layer, place in (("conv1", 0), ("bn1", 1), ("conv2", 4), ("bn2", 5)):
                own = self.layer.get_layer(f"{name}_temporal_{layer}")
                parts.append((own, f"{name}_temporal_conv.{place}."))
        return parts

    def run(self, *xs):
        """The list of what comes out, as the fixture has its axes."""
        y = self.layer(xs if len(xs) > 1 else xs[0], training=self.training)
        outputs = list(y) if isinstance(y, list | tuple) else [y]
        pictures = [len(one.shape) == 5 for one in outputs]
        return [
            ops.moveaxis(one, -1, 1) if of_pictures else one
            for one, of_pictures in zip(outputs, pictures, strict=True)
        ]

    def loss(self, *xs):
        pairs = zip(self.run(*xs), self.of("g"), strict=True)
        return sum(ops.sum(y * ops.convert_to_tensor(g)) for y, g in pairs)


fixture = functools.cache(Fixture)


@every_layer
def test_outputs(name):
    golden = fixture(name)
    xs = [ops.convert_to_tensor(x) for x in golden.xs]
    before = [to_numpy(one.variable) for one in golden.assignments]
    for run in (golden.run, jit(golden.run)) if not golden.training else (golden.run,):
        for found, expected in zip(run(*xs), golden.of("out"), strict=True):
            np.testing.assert_allclose(to_numpy(found), expected, atol=2e-5, rtol=0)
    assert_new_statistics(golden, before)


def assert_new_statistics(golden, before):
    """Torch keeps the unbiased variance, Keras the one it divides by."""
    moved = part(golden.arrays, "new")
    count = {"1": 2 * 24, "5": 2 * 8}
    for one, old in zip(golden.assignments, before, strict=True):
        (name, *_) = one.sources
        if name not in moved:
            continue
        now = to_numpy(one.variable)
        if name.endswith("running_var"):
            steps = count[name.split(".")[1]]
            now = 0.9 * old + (now - 0.9 * old) * steps / (steps - 1)
        np.testing.assert_allclose(now, moved.pop(name), atol=2e-5, rtol=0)
        one.variable.assign(old)
    assert not moved


@every_layer
def test_gradients(name):
    golden = fixture(name)
    state = [to_numpy(one.variable) for one in golden.assignments]
    for place, expected in enumerate(golden.of("grad_x")):

        def loss(x, place=place):
            xs = list(map(ops.convert_to_tensor, golden.xs))
            xs[place] = x
            return golden.loss(*xs)

        found = np.moveaxis(gradient(loss, golden.xs[place]), -1, 1)
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
    trained = [one for one in golden.assignments if one.variable.trainable]
    slopes = gradients(
        lambda: golden.loss(*map(ops.convert_to_tensor, golden.xs)),
        [one.variable for one in trained],
    )
    expected = part(golden.arrays, "grad")
    for one, slope in zip(trained, slopes, strict=True):
        theirs = one.value({name: expected.pop(name) for name in one.sources})
        np.testing.assert_allclose(slope, theirs, atol=1e-4, rtol=0)
    assert not expected
    for one, value in zip(golden.assignments, state, strict=True):
        one.variable.assign(value)
