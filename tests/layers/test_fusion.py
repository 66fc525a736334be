import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import find_neighbours
from dtf_keras.layers.masked.masking import gather_frames
from tests.helpers.backends import to_numpy


def neighbours(x, lengths, window):
    mask = np.arange(x.shape[1])[None] < np.array(lengths)[:, None]
    return find_neighbours(
        ops.convert_to_tensor(x), ops.convert_to_tensor(mask), window
    )


def test_gru_fusion_is_keras_gru_over_the_gathered_frames():
    x = np.random.default_rng(0).normal(size=(2, 11, 6)).astype("float32")
    near = neighbours(x, [11, 3], 5)
    fusion = layers.GRUFusion(5)
    fused = to_numpy(fusion(ops.convert_to_tensor(x), near))
    gru = keras.layers.GRU(6, reset_after=True)
    gru.build((None, None, 6))
    gru.set_weights(fusion.get_weights())
    gathered = gather_frames(ops.convert_to_tensor(x), near.frames)
    flat = ops.reshape(gathered, (22, 5, 6))
    expected = to_numpy(gru(flat, mask=ops.reshape(near.slots, (22, 5))))
    expected = expected.reshape(2, 11, 6)
    np.testing.assert_allclose(fused[0], expected[0], atol=1e-5)
    np.testing.assert_allclose(fused[1, :3], expected[1, :3], atol=1e-5)


def test_softmax_fusion_weighs_neighbours_by_their_similarity():
    x = np.random.default_rng(1).normal(size=(1, 7, 4)).astype("float32")
    near = neighbours(x, [7], 3)
    fused = to_numpy(layers.SoftmaxFusion(3)(ops.convert_to_tensor(x), near))
    frames = to_numpy(near.frames)[0]
    for i in range(7):
        scores = x[0, frames[i]] @ x[0, i] / 2
        weights = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(fused[0, i], weights @ x[0, frames[i]], atol=1e-5)


@pytest.mark.parametrize("sampled", [False, True])
def test_conv_fusion_is_a_convolution_along_frames_and_their_distances(sampled):
    x = np.random.default_rng(4).normal(size=(2, 11, 6)).astype("float32")
    mask = np.arange(11)[None] < np.array([[11], [3]])
    anchors = np.array([[0, 4, 10], [0, 1, 2]], "int32") if sampled else None
    near = find_neighbours(
        ops.convert_to_tensor(x),
        ops.convert_to_tensor(mask),
        4,
        anchors if anchors is None else ops.convert_to_tensor(anchors),
    )
    fusion = layers.ConvFusion(4)
    fusion.build(x.shape)
    rng = np.random.default_rng(5)
    fusion.set_weights([rng.normal(size=w.shape) for w in fusion.weights])
    fused = to_numpy(fusion(ops.convert_to_tensor(x), near, anchors))
    embedding, kernel, bias = map(to_numpy, fusion.get_weights())
    frames, slots = map(to_numpy, near)
    for row, column in np.ndindex(fused.shape[:2]):
        own = frames[row, column][slots[row, column]]
        if not len(own):
            assert not fused[row, column].any()
            continue
        anchor = column if anchors is None else anchors[row, column]
        steps = np.pad(x[row, own] + embedding[own - anchor + 3], [(1, 1), (0, 0)])
        convolved = [
            sum(steps[s + tap] @ kernel[tap] for tap in range(3)) + bias
            for s in range(len(own))
        ]
        expected = np.maximum(convolved, 0).mean(axis=0)
        np.testing.assert_allclose(fused[row, column], expected, atol=1e-4)


def test_conv_fusion_tells_earlier_neighbours_from_later_ones():
    x = np.random.default_rng(6).normal(size=(1, 9, 4)).astype("float32")
    fusion = layers.TemporalAttention3(window=9, residual=False, fusion="conv")
    before = to_numpy(fusion(x))
    assert np.abs(before[0] - before[0, :1]).max() > 1e-3  # all see the same frames
    embedding = fusion.fuse.embedding
    embedding.assign(np.zeros(embedding.shape))
    after = to_numpy(fusion(x))
    np.testing.assert_allclose(after[0], after[0, [0] * 9], atol=1e-6)


def test_temporal_attention4_works_for_its_anchors_only():
    layer = layers.TemporalAttention4(window=4)
    layer.build((None, None, 8))
    seen = []
    fuse = layer.fuse.call
    layer.fuse.call = lambda x, near, anchors: (
        seen.append(near.frames.shape[1]) or fuse(x, near, anchors)
    )
    assert layer(np.zeros((2, 40, 8), "float32")).shape == (2, 10, 8)
    assert seen == [10]


def test_training_samples_anew_and_inference_does_not():
    layer = layers.TemporalAttention4(window=4, seed=1)
    x = np.random.default_rng(2).normal(size=(2, 40, 8)).astype("float32")
    draws = [to_numpy(layer(x, training=True)) for _ in range(2)]
    assert np.abs(draws[0] - draws[1]).max() > 1e-3
    steady = [to_numpy(layer(x, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*steady)
    twin = layers.TemporalAttention4(window=4, seed=1)
    twin.build(x.shape)
    twin.set_weights(layer.get_weights())
    np.testing.assert_allclose(to_numpy(twin(x, training=True)), draws[0], atol=1e-6)


def test_residual_adds_the_anchors_own_features():
    x = np.random.default_rng(3).normal(size=(1, 16, 8)).astype("float32")
    plain = layers.TemporalAttention4(window=4)
    added = layers.TemporalAttention4(window=4, residual=True)
    added.build(x.shape)
    plain.build(x.shape)
    added.set_weights(plain.get_weights())
    own = x[:, np.linspace(0, 15, 4).astype(int)]
    np.testing.assert_allclose(to_numpy(added(x)), to_numpy(plain(x)) + own, atol=1e-5)
