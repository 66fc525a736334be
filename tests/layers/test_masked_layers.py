"""Convolution, pooling, blank padding: what their masks must do."""

import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import FrameMask, count_valid_steps
from tests.helpers.backends import gradient, to_numpy


def masked(x, lengths):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(lengths, "int32"))]
    )


def test_convolution_refuses_to_change_the_number_of_frames():
    with pytest.raises(ValueError, match="keeps the number of frames"):
        layers.MaskedConv1D(4, 3, padding="valid")
    with pytest.raises(ValueError, match="keeps the number of frames"):
        layers.MaskedConv1D(4, 3, strides=2)


def test_convolution_refuses_features_before_frames():
    with pytest.raises(ValueError, match="features last"):
        layers.MaskedConv1D(4, 3, data_format="channels_first")


def test_pooling_drops_the_odd_frame_at_the_end_of_each_clip():
    x = np.array([[[1.0], [5.0], [2.0], [9.0], [7.0]]], "float32")
    layer = layers.MaskedMaxPooling1D(2)
    assert to_numpy(layer(x)).ravel().tolist() == [5.0, 9.0]
    mask = layer.compute_mask(
        masked(x, [3]), ops.convert_to_tensor([[True] * 3 + [False] * 2])
    )
    assert to_numpy(mask).tolist() == [[True, False]]


def test_pooling_takes_a_batch_without_clips():
    none = ops.zeros((0, 9, 4))
    layer = layers.MaskedMaxPooling1D(2)
    assert tuple(layer(none).shape) == (0, 4, 4)
    assert tuple(layer.compute_mask(none).shape) == (0, 4)


def test_pooling_passes_gradient_to_one_frame_of_each_window():
    x = np.array([[[4.0], [4.0], [-1.0], [-3.0], [9.0]]], "float32")  # a tie first
    layer = layers.MaskedMaxPooling1D(2)
    weights = np.array([[[2.0], [3.0]]], "float32")
    weighted = gradient(lambda x: ops.sum(ops.multiply(layer(x), weights)), x)
    assert weighted.ravel().tolist() == [2.0, 0.0, 3.0, 0.0, 0.0]


def test_the_backbone_refuses_frames_too_small_for_its_poolings():
    with pytest.raises(ValueError, match="at least 32x32"):
        layers.FrameBackbone(0.25)(np.zeros((1, 2, 24, 24, 3), "float32"))


def test_blank_is_certain_on_padded_steps_and_lengths_can_be_read_back():
    logits = np.random.default_rng(3).normal(size=(3, 5, 4)).astype("float32")
    padded = layers.BlankPadding()(masked(logits, [5, 2, 0]))
    values = to_numpy(padded)
    np.testing.assert_array_equal(values[1, :2], logits[1, :2])
    shares = to_numpy(ops.softmax(padded))
    assert (shares[1, 2:, 0] == 1).all()
    assert (shares[1, 2:, 1:] == 0).all()
    assert to_numpy(count_valid_steps(padded)).tolist() == [5, 2, 0]
    assert getattr(padded, "_keras_mask", None) is None
