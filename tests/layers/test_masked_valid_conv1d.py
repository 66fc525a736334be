"""A convolution without padding: its steps, its mask, its short axes."""

import numpy as np
import pytest
from keras import ops
from keras.src import backend

from dtf_keras.layers import FrameMask, MaskedValidConv1D
from tests.helpers.backends import to_numpy

X = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")


def masked(x, lengths):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(lengths, "int32"))]
    )


def test_real_steps_read_real_frames_alone():
    layer = MaskedValidConv1D(4, 3)
    y = to_numpy(layer(masked(X, [7, 4])))
    kernel, bias = (to_numpy(weight) for weight in (layer.kernel, layer.bias))
    assert y.shape == (2, 5, 4)
    for clip, step in np.ndindex(y.shape[:2]):
        expected = np.einsum("ki,kio->o", X[clip, step : step + 3], kernel) + bias
        np.testing.assert_allclose(y[clip, step], expected, atol=1e-5)
    changed = X.copy()
    changed[1, 4:] = 9
    np.testing.assert_array_equal(
        to_numpy(layer(masked(changed, [7, 4])))[1, :2], y[1, :2]
    )


def test_an_axis_shorter_than_the_kernel_gives_one_masked_step():
    y = MaskedValidConv1D(4, 5)(masked(X[:, :3], [3, 1]))
    assert tuple(y.shape) == (2, 1, 4)
    assert not to_numpy(backend.get_keras_mask(y)).any()


@pytest.mark.parametrize(
    "option",
    [
        {"padding": "same"},
        {"strides": 2},
        {"dilation_rate": 2},
        {"data_format": "channels_first"},
    ],
    ids=str,
)
def test_what_would_change_its_steps_otherwise_is_refused(option):
    with pytest.raises(ValueError, match="step by step: leave out padding"):
        MaskedValidConv1D(4, 3, **option)
