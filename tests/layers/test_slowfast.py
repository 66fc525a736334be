"""SlowFast networks: their sizes, what they see, padding, parts of a clip."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import FrameMask
from tests.helpers.backends import jit, to_numpy

VIDEO = np.random.default_rng(0).normal(size=(2, 60, 12, 16, 3)).astype("float32")


def stir(layer):
    """Numbers for weights that start at 0, so that every part has a say."""
    rng = np.random.default_rng(1)
    for variable in layer.trainable_variables:
        if not to_numpy(variable).any():
            variable.assign(0.5 * rng.normal(size=variable.shape))
    return layer


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(3)
    layer = layers.SlowFast(blocks=(1, 1, 1), width=0.25)
    layer.build(VIDEO.shape)
    return stir(layer)


@pytest.fixture(scope="module")
def run(network):
    """Features of clips and their lengths, as numpy; padded to few lengths."""
    compiled = jit(lambda x, n: network(FrameMask()([x, n])))

    def run(x, lengths):
        padded = np.zeros((len(x), VIDEO.shape[1], *x.shape[2:]), "float32")
        padded[:, : x.shape[1]] = x
        return to_numpy(compiled(padded, np.array(lengths, "int32")))

    return run


def test_slowfast_101_has_its_size():
    layer = layers.SlowFast(name="backbone")
    layer.build((None, None, 224, 224, 3))
    shapes = [variable.shape for variable in layer.trainable_variables]
    assert sum(map(math.prod, shapes)) == 52_482_688
    assert round(layer.count_macs((4, 224, 224, 3)) / 4e9, 3) == 2.574
    assert layer.compute_output_shape((2, 9, 224, 224, 3)) == (2, 9, 2304)
    assert layer.slow_features == 2048


def test_blocks_see_as_many_frames_as_their_stage_says():
    layer = layers.SlowFast(blocks=(1, 2, 8, 2), width=0.0625)
    seen = [
        [block.frames for block in blocks]
        for blocks in (layer.slow_blocks, layer.fast_blocks)
    ]
    long = [3] * 6 + [1] * 2
    assert seen == [[1] + [1] * 2 + long + [3] * 2, [3] + [3] * 2 + long + [3] * 2]
    geometry = layers.SlowFast().time_geometry()
    assert (geometry.before, geometry.after, geometry.grid) == (51, 47, 4)


def test_a_new_network_passes_its_stems_and_shortcuts_on():
    layer = layers.SlowFast(blocks=(1,), width=0.0625)
    layer.build(VIDEO.shape)
    zeros = [v.path for v in layer.trainable_variables if not to_numpy(v).any()]
    at_zero = ("bn3/gamma", "slow_weight", "fast_weight", "beta")
    assert all(path.endswith(at_zero) for path in zeros)
    assert sum(not path.endswith("beta") for path in zeros) == 2 + 2


@pytest.mark.parametrize("count", [5, 8, 22])
def test_a_clip_of_any_length_gives_the_same_alone_and_in_a_padded_batch(
    count, network, run
):
    alone = to_numpy(network(ops.convert_to_tensor(VIDEO[1:, :count])))[0]
    assert alone.shape == (count, network.compute_output_shape(VIDEO.shape)[-1])
    padded = run(VIDEO, [60, count])[1]
    np.testing.assert_allclose(padded[:count], alone, atol=1e-4)
    assert (padded[count:] == 0).all()


def test_a_frame_sees_as_far_as_is_said_and_no_farther(network, run):
    geometry = network.time_geometry()
    changed = range(26, 34)
    videos = np.repeat(VIDEO[:1], len(changed) + 1, axis=0)
    for video, frame in zip(videos, changed, strict=False):
        video[frame] = 3 * VIDEO[1, frame]
    *others, plain = run(videos, [60] * len(videos))
    before, after = [], []
    for other, frame in zip(others, changed, strict=True):
        (seeing,) = np.nonzero(np.abs(other - plain).max(axis=-1) > 1e-6)
        before.append(seeing.max() - frame)
        after.append(frame - seeing.min())
    assert (max(before), max(after)) == (geometry.before, geometry.after)


def test_a_part_that_begins_on_the_grid_gives_what_the_whole_clip_does(network, run):
    geometry = network.time_geometry()
    whole = run(VIDEO[:1], [60])[0]
    inside = slice(geometry.before, 60 - 8)
    for start, same in ((8, True), (6, False)):
        part = run(VIDEO[:1, start:], [60 - start])[0]
        difference = np.abs(part[inside] - whole[start:][inside]).max()
        assert (difference < 1e-4) == same


def test_slow_frames_are_told_of_the_fast_ones_around_them():
    """The convolution at every fourth frame is that at all frames, thinned."""
    x = VIDEO[:, :11]
    fewer = layers.StridedFrameConv(3, frames=5, strides=4)
    every = layers.MaskedConv3D(3, (5, 1))
    for layer in (fewer, every):
        layer.build(x.shape)
    every.kernel.assign(fewer.kernel)
    expected = to_numpy(every(ops.convert_to_tensor(x)))[:, ::4]
    np.testing.assert_allclose(
        to_numpy(fewer(ops.convert_to_tensor(x))), expected, atol=1e-5
    )


def test_both_paths_are_saved(network, tmp_path):
    video = keras.Input((None, *VIDEO.shape[2:]))
    model = keras.Model(video, network(video))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    clip = VIDEO[:1, :9]
    np.testing.assert_array_equal(
        loaded.predict_on_batch(clip), model.predict_on_batch(clip)
    )


def test_numbers_that_cannot_be_are_refused():
    for blocks in ((), (1,) * 5):
        with pytest.raises(ValueError, match="SlowFast has one to four stages"):
            layers.SlowFast(blocks)
    with pytest.raises(ValueError, match="its kernel is odd"):
        layers.StridedFrameConv(3, frames=4, strides=2)
    with pytest.raises(ValueError, match="stop must be a whole number from 4"):
        layers.FeatureSlice(3, 3)
