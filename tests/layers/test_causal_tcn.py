import keras
import numpy as np

from dtf_keras.layers import CausalTCNBlock
from tests.helpers.backends import to_numpy

X = np.random.default_rng(0).normal(size=(2, 9, 6)).astype("float32")


def draws(global_seed, weights=None, **options):
    """Two outputs in training of a new block, and its weights."""
    keras.utils.set_random_seed(global_seed)
    block = CausalTCNBlock(6, dropout=0.5, **options)
    block.build(X.shape)
    if weights is not None:
        block.set_weights(weights)
    weights = block.get_weights()
    return [to_numpy(block(X, training=True)) for _ in range(2)], weights


def test_a_seed_repeats_the_dropout_whatever_the_global_seed():
    first, weights = draws(1, seed=7)
    again, _ = draws(2, weights, seed=7)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first[0] - first[1]).max() > 0.1
    other, _ = draws(1, weights, seed=8)
    assert np.abs(first[0] - other[0]).max() > 0.1


def test_without_a_seed_the_global_seed_repeats_the_dropout():
    first, weights = draws(1)
    again, _ = draws(1, weights)
    np.testing.assert_array_equal(first, again)
    other, _ = draws(2, weights)
    assert np.abs(first[0] - other[0]).max() > 0.1


def test_its_two_dropouts_draw_different_numbers():
    block = CausalTCNBlock.from_config(CausalTCNBlock(6, seed=7).get_config())
    block.build(X.shape)
    ones = np.ones((2, 9, 6), "float32")
    first, second = (to_numpy(drop(ones, training=True)) for drop in block.drops)
    assert (first != second).any()
