"""The time axis of a model, put together from what its layers say."""

import keras
import numpy as np
import pytest

from dtf_keras import layers, models
from dtf_keras.layers import TimeAxis
from dtf_keras.layers.time_geometry import geometry_of, valid_convolution
from tests.helpers.backends import called, to_numpy
from tests.helpers.layer_cases import CASES
from tests.helpers.small import inputs, shared, small_options

every_model = pytest.mark.parametrize("name", models.names())


def chain(*made):
    """A model of layers one after another, and its `TimeAxis`."""
    start = keras.Input((None, 8))
    end = start
    for layer in made:
        end = layer(end)
    return TimeAxis(start, end)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_layer_says_how_many_steps_it_makes(case):
    geometry = geometry_of(case.make())
    for n in (0, 1, 4, 13):
        if case.steps is None:
            assert geometry.steps(n) == n  # at most
            continue
        assert geometry.steps(n) == case.steps(n)
        assert len(geometry.places(np.arange(n))) == case.steps(n)


def test_strides_and_reaches_add_up():
    axis = chain(
        layers.MaskedConv1D(4, 5),
        layers.MaskedMaxPooling1D(2),
        keras.layers.ReLU(),
        layers.MaskedConv1D(4, 4),
        layers.MaskedMaxPooling1D(3),
        layers.MaskedConv1D(4, 3, padding="causal", dilation_rate=2),
    )
    assert axis.stride == 6
    # 2; then 1 of 2 steps before and 2 after; then 4 of 6 steps before.
    assert axis.before == 2 + 2 * 1 + 6 * 4
    assert axis.after == 2 + 1 + 2 * 2 + 2 * 2
    assert [axis.steps(n) for n in (5, 6, 11, 12)] == [0, 1, 1, 2]
    assert axis.places(20).tolist() == [0, 6, 12]


def test_the_fewest_frames_give_the_steps_that_are_asked_for():
    axis = chain(layers.MaskedMaxPooling1D(3), layers.MaskedMaxPooling1D(2))
    assert [axis.frames_for(steps) for steps in range(4)] == [0, 6, 12, 18]
    for steps in range(1, 30):
        frames = axis.frames_for(steps)
        assert axis.steps(frames) == steps
        assert axis.steps(frames - 1) == steps - 1


@every_model
def test_a_model_gives_as_many_steps_as_its_axis_says(name):
    model = shared(name)
    lengths = [30, 21, 17, 8]
    steps = to_numpy(model.valid_steps(called(model, inputs(lengths))))
    said = [model.time_axis.steps(n) for n in lengths]
    if model.time_axis.undetermined:
        assert (steps <= said).all()
    else:
        assert steps.tolist() == said
        for n in lengths:
            places = model.time_axis.places(n)
            assert len(places) == model.time_axis.steps(n)
            assert (np.diff(places) > 0).all()
            assert places[0] == 0
            assert places[-1] < n


def test_two_ways_are_joined_if_they_have_the_same_steps():
    start = keras.Input((None, 8))
    near = layers.MaskedConv1D(8, 3)(start)
    far = layers.MaskedConv1D(8, 9)(start)
    axis = TimeAxis(start, keras.layers.Add()([near, far]))
    assert (axis.before, axis.after) == (4, 4)
    pooled = layers.MaskedMaxPooling1D(2)(start)
    uneven = TimeAxis(start, layers.MaskLike()([near, pooled]))
    with pytest.raises(ValueError, match="joins 8 with 4 steps"):
        uneven.steps(8)


def test_unpadded_convolutions_lie_where_their_middle_is():
    geometry = valid_convolution(5)
    assert geometry.steps(4) == 0
    assert geometry.places(np.arange(7)).tolist() == [2, 3, 4]
    assert geometry.places(np.arange(3)).tolist() == []


def test_what_a_clip_decides_must_be_told():
    axis = chain(layers.HashMapMerge(4, name="merged"))
    assert [layer.name for layer in axis.undetermined] == ["merged"]
    assert axis.places(9, {"merged": np.array([0, 3, 7])}).tolist() == [0, 3, 7]
    with pytest.raises(ValueError, match="'merged' keeps depends on the clip"):
        axis.places(9)


def test_a_layer_that_says_nothing_is_an_error():
    class Silent(keras.layers.Layer):
        def call(self, x):
            return x

    with pytest.raises(TypeError, match=r"'silent' \(Silent\) .* time_geometry\(\)"):
        chain(Silent(name="silent"))


def test_the_cut_is_where_pixels_have_become_features():
    model = shared("full_conv_v9")
    assert model.time_axis.cut() is model.get_layer("backbone").output


def test_small_options_change_no_stride():
    name = "full_conv_v9"
    small = shared(name).time_axis
    whole = models.build(name, models.make_config(name)).time_axis
    assert small_options(name)["window"] < 16
    assert small.stride == whole.stride == 4
    assert small.before < whole.before
