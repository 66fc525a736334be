"""Lifting pools: what they do at the start, their losses, the padding they see."""

import numpy as np
import pytest
from keras import ops
from keras.src import backend

from dtf_keras.layers import FrameMask, LiftingPool, LocalWeighting
from tests.helpers.backends import gradients, to_numpy

MASK = np.arange(10)[None] < np.array([[10], [7]])
X = np.random.default_rng(0).normal(size=(2, 10, 6)).astype("float32")


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


def test_a_clip_is_pooled_as_alone_but_for_the_sources_padding():
    own, source = (
        trained(LiftingPool(source_padding=padding)) for padding in (False, True)
    )
    alone = to_numpy(own(X[1:, :7]))
    assert alone.shape == (1, 3, 6)
    both = masked(X, [10, 7])
    np.testing.assert_allclose(to_numpy(own(both))[1:, :3], alone, atol=1e-5)
    there = source(both)
    assert np.abs(to_numpy(there)[1:, :3] - alone).max() > 0.01
    np.testing.assert_allclose(to_numpy(there), to_numpy(source(X)), atol=1e-5)
    steps = to_numpy(backend.get_keras_mask(there)).sum(axis=1)
    assert steps.tolist() == [5, 3]  # the mask stays each clip's own


def test_the_source_pads_as_far_as_the_longest_clip():
    pool = trained(LiftingPool(source_padding=True))
    longer = np.concatenate([X, np.full((2, 8, 6), 9, "float32")], axis=1)
    found = to_numpy(pool(masked(longer, [10, 7])))[:, :5]
    np.testing.assert_allclose(found, to_numpy(pool(X)), atol=1e-5)


def test_losses_are_norms_over_the_real_steps_of_all_clips():
    pool = trained(LiftingPool(weight=0.5))
    _, update, prediction = pool.lift(masked(X, [10, 7]), mask=MASK)
    clips = [pool.lift(x) for x in (X[:1], X[1:, :7])]
    for loss, of_clips in zip((update, prediction), (1, 2), strict=True):
        parts = [float(one[of_clips]) for one in clips]
        np.testing.assert_allclose(float(loss), np.hypot(*parts), rtol=1e-5)
    pool(masked(X, [10, 7]), training=True)
    (added,) = pool.losses
    np.testing.assert_allclose(float(added), 0.5 * float(update + prediction), 1e-6)


@pytest.mark.parametrize(
    ("weight", "training"), [(0.0, True), (0.5, False), (0.5, None)]
)
def test_there_are_no_losses_without_a_weight_and_outside_training(weight, training):
    pool = LiftingPool(weight)
    pool(X, training=training)
    assert pool.losses == []


def test_a_loss_of_zero_has_a_gradient():
    pool = LiftingPool()
    pool.build(X.shape)
    for weight in pool.weights:
        weight.assign(0 * weight)
    nothing = ops.zeros((1, 4, 6))

    def losses():
        return sum(pool.lift(nothing)[1:])

    assert to_numpy(losses()) == 0
    convolutions = [*pool.predictor, *pool.updater]
    variables = [v for layer in convolutions for v in layer.trainable_variables]
    for slope in gradients(losses, variables):
        assert np.isfinite(slope).all()


def test_a_pool_begins_as_first_steps_and_what_they_do_not_predict():
    pool = LiftingPool()
    y = to_numpy(pool(X))
    first, second = X[:, ::2], X[:, 1::2]
    constant = np.tanh(to_numpy(pool.predictor[1].bias))
    update = np.tanh(to_numpy(pool.updater[1].bias))
    np.testing.assert_allclose(y, first + second + update - constant, atol=1e-5)


def test_weights_of_a_step_are_those_of_its_clip():
    layer = trained(LocalWeighting())
    alone = to_numpy(layer(X[1:, :7]))
    both = to_numpy(layer(masked(X, [10, 7])))
    np.testing.assert_allclose(both[1:, :7], alone, atol=1e-5)
    assert np.abs(to_numpy(layer(X))[1:, :7] - alone).max() > 0.01
    assert (np.abs(alone - X[1:, :7]) <= np.abs(X[1:, :7]) / 2).all()


def test_a_weight_below_zero_is_refused():
    with pytest.raises(ValueError, match="weight must be a number at least 0"):
        LiftingPool(-1)
