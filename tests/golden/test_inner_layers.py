"""Layers inside published networks against the published code: outputs, gradients."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.convert.assignments import assignments
from dtf_keras.convert.families.conv_and_sequence import LIFTING_CONVOLUTIONS
from dtf_keras.models.parts.temporal_convolution import lifting_convolution
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import gradient, gradients, jit, to_numpy
from tests.helpers.golden_recipe import part


class OneLayer:
    """A layer, and its parts with the names of their modules."""

    features_first = True
    """Whether they come before frames in what comes out there."""

    def __init__(self, layer):
        self.layer = layer

    def build(self, shape):
        self.layer.build(shape)
        return [(self.layer, "")]

    def __call__(self, x):
        return [self.layer(x)]


class AttentionPool(OneLayer):
    """There the frames are a picture of one column."""

    def __call__(self, x):
        return [self.layer(x)[:, :, None]]


class LiftingPool(OneLayer):
    """What is pooled, and both losses."""

    def __call__(self, x):
        return self.layer.lift(x)


class TemporalConvolution:
    """Steps, logits, and each loss of both lifting pools together."""

    features_first = False

    def build(self, shape):
        frames = keras.Input(shape[1:])
        x = lifting_convolution(frames, ("K5", "P2", "K5", "P2"), 8)
        model = keras.Model(frames, x)
        self.pools = [model.get_layer(f"temporal_pool{n}") for n in (1, 2)]
        self.logits = keras.layers.Dense(9)
        outputs = [self.logits(x), *[pool.input for pool in self.pools]]
        self.model = keras.Model(frames, outputs)
        modules = LIFTING_CONVOLUTIONS.items()
        parts = [(model.get_layer(k), v.removeprefix("conv1d.")) for k, v in modules]
        return [*parts, (self.logits, "fc.")]

    def __call__(self, x):
        logits, *steps = self.model(x)
        lifted = [pool.lift(y) for pool, y in zip(self.pools, steps, strict=True)]
        _, update, prediction = zip(*lifted, strict=True)
        return [lifted[1][0], logits, sum(update), sum(prediction)]


LAYERS = {
    "corrnet_correlation": lambda: OneLayer(layers.Correlation()),
    "corrnet_correlation_t1": lambda: OneLayer(layers.Correlation()),
    "plus_correlation_n1": lambda: OneLayer(layers.NeighbourCorrelation(1)),
    "plus_correlation_n3": lambda: OneLayer(layers.NeighbourCorrelation(3)),
    "plus_attention_pool": lambda: AttentionPool(layers.AttentionPool()),
    "plus_local_weighting": lambda: OneLayer(layers.LocalWeighting()),
    "plus_lift_pool": lambda: LiftingPool(layers.LiftingPool()),
    "plus_temporal_conv": TemporalConvolution,
    "plus_temporal_weighting": lambda: OneLayer(layers.TemporalEmphasis(3)),
    "sen_tsem": lambda: OneLayer(layers.TemporalEmphasis()),
    "sen_ssem": lambda: OneLayer(layers.SpatialEmphasis()),
    "sen_block": lambda: OneLayer(
        layers.ResidualBlock(16, inner=layers.SelfEmphasis())
    ),
}


class Fixture:
    """A fixture's arrays, features last, and our layer with its weights."""

    def __init__(self, name):
        self.arrays = recipe.fixture(f"layer_P_{name}")
        self.x = features_last(self.arrays["x"])
        self.layer = LAYERS[name]()
        self.assignments = []
        for layer, prefix in self.layer.build(self.x.shape):
            for one in assignments(layer, prefix):
                one.variable.assign(one.value(part(self.arrays, "w")))
                self.assignments.append(one)

    def expected(self, letters):
        names = sorted(name for name in self.arrays if name.rstrip("0123") == letters)
        found = [self.arrays[name] for name in names]
        return list(map(features_last, found)) if self.layer.features_first else found

    def loss(self, x):
        pairs = zip(self.layer(x), self.expected("g"), strict=True)
        return sum(ops.sum(y * ops.convert_to_tensor(g)) for y, g in pairs)


def features_last(x):
    return np.moveaxis(x, 1, -1) if x.ndim else x


fixture = functools.cache(Fixture)
every_layer = pytest.mark.parametrize("name", LAYERS)


@every_layer
def test_outputs(name):
    golden = fixture(name)
    x = ops.convert_to_tensor(golden.x)
    for run in (golden.layer, jit(golden.layer)):
        for found, expected in zip(run(x), golden.expected("out"), strict=True):
            np.testing.assert_allclose(to_numpy(found), expected, atol=2e-5, rtol=2e-6)


@every_layer
def test_gradients(name):
    golden = fixture(name)
    found = gradient(golden.loss, golden.x)
    np.testing.assert_allclose(
        found, features_last(golden.arrays["grad_x"]), atol=1e-4, rtol=0
    )
    trained = [one for one in golden.assignments if one.variable.trainable]
    slopes = gradients(
        lambda: golden.loss(ops.convert_to_tensor(golden.x)),
        [one.variable for one in trained],
    )
    expected = part(golden.arrays, "grad")
    assert {name for one in trained for name in one.sources} == set(expected)
    for one, slope in zip(trained, slopes, strict=True):
        np.testing.assert_allclose(slope, one.value(expected), atol=1e-4, rtol=0)
