"""Repeated first and last frames, and the convolutions and poolings after them."""

import keras
import numpy as np
import pytest
from keras import ops
from keras.src import backend

from dtf_keras import layers
from dtf_keras.layers import EdgeFrames, FrameMask, TimeAxis, edge_of
from dtf_keras.layers.temporal.edge_frames import parse_kernel
from dtf_keras.models.parts.temporal_convolution import temporal_convolution
from tests.helpers.backends import to_numpy

KERNELS = ("K5", "P2", "K5", "P2")


def masked(x, lengths):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(lengths, "int32"))]
    )


@pytest.mark.parametrize("frame", [(), (2,), (3, 2, 1)])
def test_first_and_last_real_frames_are_repeated(frame):
    x = np.ones((3, 5, *frame), "float32") * np.arange(5).reshape(5, *[1] * len(frame))
    y = EdgeFrames(edge=2, stride=4)(masked(x, [5, 2, 0]))
    numbers = to_numpy(y).reshape(3, 12, -1)
    assert (numbers == numbers[..., :1]).all()
    assert numbers[0, :, 0].tolist() == [0, 0, 0, 1, 2, 3, 4, 4, 4, 4, 4, 4]
    assert numbers[1, :8, 0].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    counts = to_numpy(backend.get_keras_mask(y)).sum(axis=1)
    assert counts.tolist() == [12, 8, 0]


def test_places_go_on_at_both_ends():
    places = EdgeFrames(edge=2, stride=4).time_geometry().places
    assert places(np.arange(5)).tolist() == [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert places(np.array([4, 8, 12])).tolist() == [-4, 0, 4, 8, 12, 16, 20, 24]
    assert places(np.array([3])).tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert places(np.arange(0)).tolist() == []


@pytest.mark.parametrize(
    ("kernels", "edge", "stride"),
    [
        (KERNELS, 6, 4),
        (("K3",), 1, 1),
        (("K5", "P2"), 2, 2),
        (("K5", "K5"), 4, 1),
        (("P2", "P2", "K5", "K5"), 6, 4),
        ((), 0, 1),
    ],
)
def test_the_edge_of_a_string_of_kernels(kernels, edge, stride):
    assert edge_of(kernels) == (edge, stride)


@pytest.mark.parametrize("kernel", ["", "K", "K0", "L5", "Kx", "5"])
def test_a_kernel_that_is_none_is_refused(kernel):
    with pytest.raises(ValueError, match="A kernel is K and a size"):
        parse_kernel(kernel)


def test_a_clip_becomes_a_quarter_of_its_frames_rounded_up():
    video, count = keras.Input((None, 3)), keras.Input((), dtype="int32")
    start = FrameMask()([video, count])
    x = EdgeFrames(*edge_of(KERNELS))(start)
    end = temporal_convolution(x, KERNELS, 4)
    names = [layer.name for layer in keras.Model([video, count], end).layers]
    assert {"temporal_conv2", "temporal_bn2", "temporal_relu2", "temporal_pool2"} <= {
        *names
    }
    axis = TimeAxis(start, end)
    assert [axis.steps(n) for n in (0, 1, 4, 5, 8, 9)] == [0, 1, 1, 2, 2, 3]
    assert axis.places(9).tolist() == [0, 4, 8]
    assert axis.stride == 4
    assert axis.frames_for(3) == 9
    model = keras.Model([video, count], layers.BlankPadding()(end))
    lengths = np.array([9, 5, 1, 0], "int32")
    y = model.predict_on_batch([np.ones((4, 9, 3), "float32"), lengths])
    assert to_numpy(layers.count_valid_steps(y)).tolist() == [3, 2, 1, 0]


def test_options_that_make_no_edge_are_refused():
    with pytest.raises(ValueError, match="edge must be a whole number from 0"):
        EdgeFrames(-1)
    with pytest.raises(ValueError, match="stride must be a whole number from 1"):
        EdgeFrames(2, 0)
