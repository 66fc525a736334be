"""Frames correlated with those around them: places, borders, memory, halves."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers.frames import correlation
from tests.helpers.backends import gradients, jit, largest_tensor, to_numpy

RNG = np.random.default_rng(0)
VIDEO = RNG.normal(size=(2, 5, 4, 3, 6)).astype("float32")
MASK = np.arange(5) < np.array([[5], [3]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def built(layer, scale=0.5):
    layer.build(VIDEO.shape)
    rng = np.random.default_rng(1)
    for variable in layer.trainable_variables:
        variable.assign(scale * rng.normal(size=variable.shape))
    return layer


def identified(layer):
    return to_numpy(layer.identification(VIDEO, mask=MASK))


def places(x):
    return x.reshape(*x.shape[:2], -1, x.shape[-1])


def test_each_place_takes_from_all_places_of_the_frames_before_and_after():
    layer = built(layers.Correlation())
    x, v = places(VIDEO), places(to_numpy(layer.project(VIDEO)))
    shares = to_numpy(layer.shares)
    expected = np.zeros_like(x)
    for clip, length in enumerate(MASK.sum(axis=1)):
        for t in range(length):
            after, before = v[clip, min(t + 1, length - 1)], v[clip, max(t - 1, 0)]
            for share, near in zip(shares, (after, before), strict=True):
                gates = sigmoid(x[clip, t] @ near.T) - 0.5
                expected[clip, t] += share * gates @ near
    expected *= places(identified(layer))
    found = places(to_numpy(layer(VIDEO, mask=MASK)))
    np.testing.assert_allclose(found[MASK], expected[MASK], atol=2e-5)


def test_a_frame_takes_from_several_around_it_by_one_query():
    layer = built(layers.NeighbourCorrelation(2))
    x, v = places(VIDEO), places(to_numpy(layer.project(VIDEO)))
    pooled = [x.mean(axis=2), x.max(axis=2), to_numpy(layer.attention(VIDEO))]
    queries = np.tensordot(to_numpy(layer.query_shares), np.array(pooled), 1)
    shares, taken = to_numpy(layer.shares), np.zeros_like(queries)
    for clip, length in enumerate(MASK.sum(axis=1)):
        for t in range(length):
            for share, offset in zip(shares, (-2, -1, 1, 2), strict=True):
                if 0 <= t + offset < length:
                    keys = share * v[clip, t + offset]
                    gates = sigmoid(keys @ queries[clip, t]) - 0.5
                    taken[clip, t] += gates @ keys
    expected = taken[:, :, None] * places(identified(layer))
    found = places(to_numpy(layer(VIDEO, mask=MASK)))
    np.testing.assert_allclose(found[MASK], expected[MASK], atol=2e-5)


def of_frames(how):
    """What frames take by one of both ways, and the gradients by all three frames."""
    frames = [np.roll(places(VIDEO), n, axis=1) for n in range(3)]
    variables = [keras.Variable(one) for one in frames]

    def loss():
        both = how(*map(ops.convert_to_tensor, variables))
        return sum(ops.sum(ops.square(one)) for one in both)

    return [to_numpy(one) for one in jit(how)(*frames)] + gradients(loss, variables)


@pytest.fixture(params=[1, 3, 100])
def frames_at_a_time(request, monkeypatch):
    """1, 3 of the 10, which leaves one over, or all."""
    monkeypatch.setattr(correlation, "MOST", request.param * 12**2)


@pytest.mark.usefixtures("frames_at_a_time")
def test_a_few_frames_at_a_time_is_the_same_as_all_at_once():
    at_once = of_frames(correlation._taken_from_both)
    in_groups = of_frames(correlation._in_groups)
    assert len(at_once) == len(in_groups) == 5
    for found, expected in zip(in_groups, at_once, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.usefixtures("frames_at_a_time")
def test_the_shares_have_the_same_gradient_a_few_frames_at_a_time(monkeypatch):
    layer = built(layers.Correlation())

    def loss():
        return ops.sum(ops.square(layer(ops.convert_to_tensor(VIDEO))))

    in_groups = gradients(loss, layer.trainable_variables)
    monkeypatch.setattr(correlation, "_in_groups", correlation._taken_from_both)
    at_once = gradients(loss, layer.trainable_variables)
    for found, expected in zip(in_groups, at_once, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="it shows what it makes")
def test_similarities_of_all_frames_are_never_kept(monkeypatch):
    import jax

    def step(how, x):
        return jax.grad(lambda x: sum(ops.sum(one**2) for one in how(x, x, x)))(x)

    x = places(VIDEO)
    of_all_frames = x[..., 0].size * x.shape[2]
    at_once = largest_tensor(lambda x: step(correlation._taken_from_both, x), x)
    monkeypatch.setattr(correlation, "MOST", 3 * x.shape[2] ** 2)
    in_groups = largest_tensor(lambda x: step(correlation._in_groups, x), x)
    assert in_groups < of_all_frames == at_once


@pytest.mark.parametrize("make", [layers.Correlation, layers.NeighbourCorrelation])
def test_similarities_of_halves_are_float32(make):
    exact = built(make(), scale=1.0)
    half = make(dtype="mixed_float16")
    half.build(VIDEO.shape)
    half.set_weights(exact.get_weights())
    loud = 300 * VIDEO  # similarities beyond the range of float16
    found = to_numpy(half(loud)).astype("float32")
    assert np.isfinite(found).all()
    wanted = to_numpy(exact(loud))
    close = np.isclose(found, wanted, rtol=0.02, atol=0.01 * np.abs(wanted).max())
    assert close.mean() > 0.95


def test_what_is_scaled_by_0_adds_nothing():
    layer = layers.ScaledAddition(layers.Correlation())
    np.testing.assert_array_equal(to_numpy(layer(VIDEO)), VIDEO)
    layer.alpha.assign(2.0)
    expected = VIDEO + 2 * to_numpy(layer.inner(VIDEO))
    np.testing.assert_allclose(to_numpy(layer(VIDEO)), expected, atol=1e-6)
    copy = layers.ScaledAddition.from_config(layer.get_config())
    assert isinstance(copy.inner, layers.Correlation)


@pytest.mark.parametrize(
    ("layer", "reach"),
    [
        (layers.Correlation(), 4),
        (layers.NeighbourCorrelation(5), 5),
        (layers.CorrelatedStage(5), 8),
    ],
)
def test_how_far_a_frame_sees(layer, reach):
    geometry = layer.time_geometry()
    assert (geometry.before, geometry.after) == (reach, reach)
