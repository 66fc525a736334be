"""Emphasis of places and frames: where it begins, how far it sees, its padding."""

import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import FrameMask
from tests.helpers.backends import to_numpy

X = np.random.default_rng(0).normal(size=(2, 24, 3, 4, 32)).astype("float32")
KINDS = [layers.TemporalEmphasis, layers.SpatialEmphasis, layers.SelfEmphasis]
every_kind = pytest.mark.parametrize("kind", KINDS)


def masked(x, lengths):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(lengths, "int32"))]
    )


def trained(layer):
    """The layer with weights as after training: none is 0."""
    layer.build(X.shape)
    rng = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(weight + rng.normal(size=weight.shape, scale=0.3))
    return layer


@every_kind
def test_a_clip_is_emphasised_as_alone(kind):
    layer = trained(kind())
    alone = to_numpy(layer(X[1:, :15]))
    both = to_numpy(layer(masked(X, [24, 15])))
    np.testing.assert_allclose(both[1:, :15], alone, atol=1e-5)
    unmasked = to_numpy(layer(X))
    assert np.abs(unmasked[1:, :15] - alone).max() > 1e-4


@every_kind
def test_a_frame_sees_as_far_as_it_says(kind):
    layer = trained(kind())
    reach = layer.time_geometry()
    assert reach.before == reach.after == (4 if kind is layers.SpatialEmphasis else 5)
    other = X.copy()
    other[:, 12] += 1
    moved = np.abs(to_numpy(layer(other)) - to_numpy(layer(X))).max(axis=(0, 2, 3, 4))
    seen = np.flatnonzero(moved > 1e-7)
    assert (seen[0], seen[-1]) == (12 - reach.before, 12 + reach.after)


def test_frames_have_no_emphasis_at_the_start_and_places_have():
    assert (to_numpy(layers.TemporalEmphasis()(X)) == 0).all()
    places = to_numpy(layers.SpatialEmphasis()(X))
    assert np.abs(places).max() > 0
    assert (np.abs(places) <= np.abs(X) / 2).all()


def test_both_are_added():
    layer = trained(layers.SelfEmphasis())
    parts = to_numpy(layer.spatial(X)) + to_numpy(layer.temporal(X))
    np.testing.assert_allclose(to_numpy(layer(X)), X + parts, atol=1e-5)


@pytest.mark.parametrize(("units", "fewer"), [(64, 4), (8, 1)])
def test_a_sixteenth_of_the_features_but_one_at_least(units, fewer):
    layer = layers.SelfEmphasis()
    layer.build((None, None, 3, 4, units))
    parts = (layer.spatial, layer.temporal)
    assert [part.transform.units for part in parts] == [fewer, fewer]


def test_multiply_adds_are_those_of_all_convolutions():
    shape = (10, 3, 4, 32)
    frames, places, few = 10, 12, 2
    temporal, spatial = layers.TemporalEmphasis(3), layers.SpatialEmphasis()
    for layer in (temporal, spatial):
        layer.build((None, *shape))
    assert temporal.count_macs(shape) == frames * (2 * 32 * few + 3 * 3 * few)
    in_places = frames * places * (2 * 32 * few + 3 * 81 * few)
    assert spatial.count_macs(shape) == in_places


def test_a_number_of_dilations_below_one_is_refused():
    with pytest.raises(ValueError, match="num_dilations must be a whole number from 1"):
        layers.TemporalEmphasis(0)
