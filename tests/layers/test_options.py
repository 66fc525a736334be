"""Options that make no layer are refused when it is made."""

import numpy as np
import pytest

from dtf_keras import layers

NO_COUNT = [0, -3, 3.5, float("nan"), "4", None]


@pytest.mark.parametrize("value", NO_COUNT)
@pytest.mark.parametrize(
    ("cls", "option"),
    [
        (layers.DynamicFraming, "window"),
        (layers.TemporalAttention3, "window"),
        (layers.LocalTopKAttention, "window"),
        (layers.LocalTopKAttention, "num_heads"),
        (layers.MaskedMaxPooling1D, "pool_size"),
        (layers.CausalTCNBlock, "filters"),
        (layers.CausalTCNBlock, "kernel_size"),
        (layers.CausalTCNBlock, "dilation"),
    ],
)
def test_a_count_is_a_whole_number_from_1(cls, option, value):
    options = {"filters": 4} if cls is layers.CausalTCNBlock else {}
    with pytest.raises(ValueError, match=rf"^{option} must be a whole number from 1\."):
        cls(**{**options, option: value})


@pytest.mark.parametrize("value", [-0.1, 1, 2.0, float("nan"), "0.1"])
@pytest.mark.parametrize("cls", [layers.LocalTopKAttention, layers.CausalTCNBlock])
def test_a_dropout_rate_is_at_least_0_and_below_1(cls, value):
    options = {"filters": 4} if cls is layers.CausalTCNBlock else {}
    message = r"^dropout must be a number at least 0 and below 1\."
    with pytest.raises(ValueError, match=message):
        cls(**options, dropout=value)


@pytest.mark.parametrize("value", [4, 4.0, np.int64(4), np.float32(4)])
def test_whole_numbers_of_any_type_are_counts(value):
    window = layers.DynamicFraming(window=value).window
    assert (window, type(window)) == (4, int)
