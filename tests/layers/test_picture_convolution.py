import numpy as np
import pytest
from keras import ops

from dtf_keras.layers.frames.pictures import convolve
from tests.helpers.backends import gradient, to_numpy


@pytest.mark.parametrize("places", [(1, 2), (2, 2), (2, 3), (4, 4), (7, 6)])
@pytest.mark.parametrize(
    ("size", "margin", "strides"),
    [(3, 1, 1), (3, 0, 1), (3, 0, 2), (3, 1, 2), (1, 0, 2)],
)
def test_pictures_of_any_size_are_convolved(places, size, margin, strides):
    draw = np.random.default_rng(1)
    sides = [n + size - 1 - 2 * margin for n in places]
    pictures = draw.standard_normal((2, *sides, 4)).astype("float32")
    kernel = draw.standard_normal((size, size, 4, 5)).astype("float32")
    around = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(pictures, around), (size, size), axis=(1, 2)
    )[:, ::strides, ::strides]
    expected = np.einsum("nhwdij,ijdf->nhwf", windows, kernel)

    def square(kernel):
        return ops.sum(ops.square(convolve(pictures, kernel, strides, margin)))

    found = convolve(ops.convert_to_tensor(pictures), kernel, strides, margin)
    np.testing.assert_allclose(to_numpy(found), expected, atol=1e-5)
    slope = gradient(square, kernel)
    np.testing.assert_allclose(
        slope,
        2 * np.einsum("nhwdij,nhwf->ijdf", windows, expected),
        rtol=1e-4,
        atol=1e-3,
    )
