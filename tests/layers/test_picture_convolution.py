import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras.layers.frames import xla_pictures
from dtf_keras.layers.frames.pictures import convolve
from tests.helpers.backends import gradient, to_numpy

JAX = keras.backend.backend() == "jax"


@pytest.fixture(params=[None, 0, 8] if JAX else [None])
def products(request, monkeypatch):
    """On JAX as products of windows too, two of the five pictures at a time."""
    if request.param is not None:
        monkeypatch.setattr(xla_pictures, "LARGE", 0)
        monkeypatch.setattr(xla_pictures, "FEW_FEATURES", request.param)
        monkeypatch.setattr(xla_pictures, "CACHED", 2.4 * 9 * 4 * 4 * 4)


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("places", [(1, 2), (2, 2), (2, 3), (4, 4), (7, 6)])
@pytest.mark.parametrize(
    ("size", "margin", "strides"),
    [(3, 1, 1), (3, 0, 1), (3, 0, 2), (3, 1, 2), (1, 0, 2)],
)
def test_pictures_of_any_size_are_convolved(places, size, margin, strides):
    draw = np.random.default_rng(1)
    sides = [n + size - 1 - 2 * margin for n in places]
    pictures = draw.standard_normal((5, *sides, 4)).astype("float32")
    kernel = draw.standard_normal((size, size, 4, 5)).astype("float32")

    def windows_of(pictures):
        around = ((0, 0), (margin, margin), (margin, margin), (0, 0))
        return np.lib.stride_tricks.sliding_window_view(
            np.pad(pictures, around), (size, size), axis=(1, 2)
        )[:, ::strides, ::strides]

    def convolved(pictures):
        return np.einsum("nhwdij,ijdf->nhwf", windows_of(pictures), kernel)

    def square(pictures, kernel):
        return ops.sum(ops.square(convolve(pictures, kernel, strides, margin)))

    expected, tensor = convolved(pictures), ops.convert_to_tensor(pictures)
    found = convolve(tensor, kernel, strides, margin)
    np.testing.assert_allclose(to_numpy(found), expected, atol=1e-5)
    np.testing.assert_allclose(
        gradient(lambda kernel: square(tensor, kernel), kernel),
        2 * np.einsum("nhwdij,nhwf->ijdf", windows_of(pictures), expected),
        rtol=1e-4,
        atol=1e-3,
    )
    slope = gradient(lambda pictures: square(pictures, kernel), pictures)
    some = draw.standard_normal(pictures.shape)
    np.testing.assert_allclose(
        np.sum(slope * some), 2 * np.sum(expected * convolved(some)), rtol=1e-3
    )
