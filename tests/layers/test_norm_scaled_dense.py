"""A classifier whose classes all have weights of norm 1."""

import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import NormScaledDense
from tests.helpers.backends import gradients, to_numpy

X = np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32")


def built(**options):
    layer = NormScaledDense(5, **options)
    layer.build(X.shape)
    return layer


def test_the_size_of_the_weights_does_not_matter():
    layer = built()
    kernel = to_numpy(layer.kernel)
    expected = X @ (kernel / np.linalg.norm(kernel, axis=0))
    np.testing.assert_allclose(to_numpy(layer(X)), expected, atol=1e-5)
    layer.kernel.assign(kernel * np.array([1, 10, 0.01, 1e4, 1e-4], "float32"))
    np.testing.assert_allclose(to_numpy(layer(X)), expected, atol=1e-5)


def test_a_class_without_weights_gives_zero_and_finite_gradients():
    layer = built()
    kernel = to_numpy(layer.kernel).copy()
    kernel[:, 2] = 0
    layer.kernel.assign(kernel)
    assert (to_numpy(layer(X))[..., 2] == 0).all()
    (slope,) = gradients(lambda: ops.sum(layer(X)), [layer.kernel])
    assert np.isfinite(slope).all()


def test_logits_are_float32_and_norms_are_whatever_the_precision():
    assert built().compute_dtype == "float32"
    half = built(dtype="mixed_float16")
    half.kernel.assign(to_numpy(half.kernel) * 1e4)  # its square is above float16
    y = to_numpy(half(X))
    assert np.isfinite(y).all()
    assert np.abs(y).max() > 0.1


def test_a_count_of_classes_is_a_whole_number():
    with pytest.raises(ValueError, match=r"^units must be a whole number from 1"):
        NormScaledDense(0)
