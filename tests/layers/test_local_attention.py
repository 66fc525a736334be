import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import LocalTopKAttention
from tests.helpers.backends import to_numpy


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def oracle(layer, x, unbiased=False):
    """The encoder by the book, for one unpadded clip `[T, D]`."""
    (wq, bq, wk, bk, wv, bv, wo, bo) = _dense_weights(layer)
    n, units = x.shape
    size = units // layer.num_heads
    mixed = np.zeros_like(x)
    for head in range(layer.num_heads):
        part = slice(head * size, (head + 1) * size)
        q, k, v = (x @ w[:, part] + b[part] for w, b in ((wq, bq), (wk, bk), (wv, bv)))
        scores = q @ k.T / np.sqrt(size)
        for i in range(n):
            top = sorted(range(n), key=lambda j: (-scores[i, j], j))[: layer.window]
            left = [j for j in top if abs(i - j) <= layer.window // 2 - 1]
            share = np.zeros(n)
            if left:
                share[left] = softmax(scores[i, left])
            else:
                share[:] = 1 / n
            mixed[i, part] = share @ v
    y = x + mixed @ wo + bo
    centred = y - y.mean(-1, keepdims=True)
    if unbiased:
        return centred / (y.std(-1, ddof=1, keepdims=True) + 1e-6)
    return centred / np.sqrt(y.var(-1, keepdims=True) + 1e-6)


def _dense_weights(layer):
    for name in ("query", "key", "value", "output"):
        dense = getattr(layer, f"{name}_dense")
        yield to_numpy(dense.kernel)
        yield to_numpy(dense.bias)


@pytest.mark.parametrize("unbiased", [False, True])
def test_attends_to_what_the_definition_says(unbiased):
    layer = LocalTopKAttention(num_heads=2, window=6, unbiased_norm=unbiased)
    x = np.random.default_rng(0).normal(size=(1, 15, 8)).astype("float32") * 3
    y = to_numpy(layer(x))[0]
    np.testing.assert_allclose(y, oracle(layer, x[0], unbiased), atol=2e-5)


def test_a_row_left_with_no_candidate_attends_evenly_to_the_real_steps():
    layer = LocalTopKAttention(num_heads=1, window=2, dropout=0)
    x = np.zeros((1, 8, 2), "float32")
    x[0, :, 0] = 0.1
    x[0, 6:, 0] = 50.0  # all rows look at step 6, most from too far away
    layer.build(x.shape)
    for name in ("query", "key", "value", "output"):
        getattr(layer, f"{name}_dense").kernel.assign(np.eye(2))
    query = layer._heads(ops.convert_to_tensor(x))
    mask = ops.convert_to_tensor(np.array([[True] * 7 + [False]]))
    weights = to_numpy(layer._weights(query, query, mask))[0, 0]
    np.testing.assert_allclose(weights[1, :7], 1 / 7, atol=1e-6)
    assert weights[1, 7] == 0


def test_heads_that_do_not_divide_the_features_are_refused():
    with pytest.raises(ValueError, match="3 heads cannot share 8 features"):
        LocalTopKAttention(num_heads=3)(np.zeros((1, 4, 8), "float32"))
