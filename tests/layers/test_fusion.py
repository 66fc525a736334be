import keras
import numpy as np
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
    fusion = layers.GRUFusion()
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
    fused = to_numpy(layers.SoftmaxFusion()(ops.convert_to_tensor(x), near))
    frames = to_numpy(near.frames)[0]
    for i in range(7):
        scores = x[0, frames[i]] @ x[0, i] / 2
        weights = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(fused[0, i], weights @ x[0, frames[i]], atol=1e-5)


def test_temporal_attention4_works_for_its_anchors_only():
    layer = layers.TemporalAttention4(window=4)
    layer.build((None, None, 8))
    seen = []
    fuse = layer.fuse.call
    layer.fuse.call = lambda x, near, **kw: (
        seen.append(near.frames.shape[1]) or fuse(x, near)
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
