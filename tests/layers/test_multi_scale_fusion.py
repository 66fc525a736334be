import keras
import numpy as np
import pytest

from dtf_keras.layers import ChosenNeighbours, MultiScaleFusion, TemporalAttention3
from tests.helpers.backends import to_numpy

X = np.random.default_rng(0).normal(size=(2, 14, 8)).astype("float32")


def fusions_alone(layer):
    """What each window of a layer gives by itself."""
    found = []
    for one in layer.choosing_layers():
        alone = TemporalAttention3(one.window, residual=False, fusion=layer.fusion)
        alone.build(X.shape)
        alone.set_weights(one.get_weights())
        found.append(to_numpy(alone(X)))
    return found


@pytest.mark.parametrize("residual", [False, True])
def test_windows_are_weighed_by_what_is_in_them(residual):
    layer = MultiScaleFusion(windows=(2, 5), residual=residual)
    fused = to_numpy(layer(X))
    alone = fusions_alone(layer)
    kernel, bias = map(to_numpy, layer.gate.get_weights())
    logits = np.concatenate([X, *alone], axis=-1) @ kernel + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    assert shares.std(axis=1).min() > 1e-3
    expected = sum(shares[..., [n]] * one for n, one in enumerate(alone))
    np.testing.assert_allclose(fused, expected + residual * X, atol=1e-5)


def test_what_each_window_chooses_can_be_seen():
    frames = keras.Input((14, 8))
    layer = MultiScaleFusion(windows=(2, 5), name="fusion")
    fused = layer(frames)
    chosen = [ChosenNeighbours(one)(layer.input) for one in layer.choosing_layers()]
    near = keras.Model(frames, [*chosen, fused]).predict_on_batch(X)
    assert [one[1].shape for one in near[:-1]] == [(2, 14, 2), (2, 14, 5)]
    assert [one.name for one in layer.choosing_layers()] == [
        "fusion_window2",
        "fusion_window5",
    ]


def test_it_reaches_as_far_as_its_largest_window():
    layer = MultiScaleFusion(windows=(5, 2))
    assert layer.time_geometry().before == layer.time_geometry().after == 4
    x = X.copy()
    before = to_numpy(layer(x))
    x[:, 5:] += 1
    np.testing.assert_allclose(to_numpy(layer(x))[:, 0], before[:, 0], atol=1e-6)


@pytest.mark.parametrize("windows", [(), (4,), (4, 4), (0, 4)])
def test_windows_that_cannot_be_are_an_error(windows):
    with pytest.raises(ValueError, match=r"windows? (are|must)"):
        MultiScaleFusion(windows=windows)
