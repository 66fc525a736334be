"""Which masks layers take."""

import numpy as np
import pytest
from keras import ops
from keras.src import backend

from tests.helpers.backends import to_numpy
from tests.helpers.layer_cases import CASES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_mask_of_numbers_is_read_as_one_of_bools(case):
    layer = case.make()
    x = np.random.default_rng(0).normal(size=(2, 9, *case.frame)).astype("float32")
    real = np.arange(9) < np.array([[9], [5]])

    def masked_with(dtype):
        clips = ops.convert_to_tensor(x)
        backend.set_keras_mask(clips, ops.convert_to_tensor(real.astype(dtype)))
        y = layer(clips)
        return to_numpy(y), to_numpy(backend.get_keras_mask(y))

    expected, expected_mask = masked_with("bool")
    for dtype in ("int32", "float32"):
        y, mask = masked_with(dtype)
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(mask, expected_mask)
        assert mask.dtype == bool
