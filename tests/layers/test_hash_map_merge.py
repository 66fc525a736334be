import numpy as np
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import Neighbourhood, find_neighbours
from dtf_keras.layers.fusion.anchors import first_of_each_key
from tests.helpers.backends import to_numpy


def kept_by_definition(frames, slots, n):
    """The first frame of each (mean, standard deviation), by a dictionary."""
    seen = {}
    for i in range(n):
        chosen = frames[i][slots[i]].astype(np.int64)
        seen.setdefault((chosen.sum(), (chosen**2).sum(), len(chosen)), i)
    return sorted(seen.values())


def test_keeps_the_first_frame_of_each_key_in_order():
    rng = np.random.default_rng(0)
    lengths = [60, 37, 5, 2]
    for window in (3, 8):
        # Slow motion: neighbouring frames look alike, so that many sets coincide.
        x = np.cumsum(rng.normal(size=(4, 60, 5)), axis=1).astype("float32")
        mask = np.arange(60)[None] < np.array(lengths)[:, None]
        mask = ops.convert_to_tensor(mask)
        near = find_neighbours(ops.convert_to_tensor(x), mask, window)
        kept, real = map(to_numpy, first_of_each_key(near, mask, window))
        frames, slots = to_numpy(near.frames), to_numpy(near.slots)
        merged = 0
        for row, n in enumerate(lengths):
            expected = kept_by_definition(frames[row], slots[row], n)
            assert kept[row][real[row]].tolist() == expected
            merged += n - len(expected)
        assert merged > 0


def test_different_sets_with_equal_mean_and_deviation_are_one():
    # {0, 4, 5} and {1, 2, 6} share sum 9 and sum of squares 41.
    frames = np.array([[[0, 4, 5], [1, 2, 6], [2, 3, 4]]], "int32")
    near = Neighbourhood(
        ops.convert_to_tensor(frames), ops.ones((1, 3, 3), dtype="bool")
    )
    kept, real = first_of_each_key(near, ops.ones((1, 3), dtype="bool"), 6)
    assert to_numpy(kept)[to_numpy(real)].tolist() == [0, 2]


def test_identical_frames_merge_and_the_axis_keeps_its_length():
    x = np.ones((1, 20, 4), "float32")
    layer = layers.HashMapMerge(window=4)
    y = layer(x)
    mask = to_numpy(layer.compute_mask(ops.convert_to_tensor(x)))
    assert y.shape == (1, 20, 4)
    # Frames 0..3 share {0, 1, 2, 3}; from then on every set starts one frame later.
    assert mask.sum() == 17
    assert mask[0, :17].all()


def test_shorter_clips_are_filled_up_with_fused_black_if_asked_for():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 16, 4)).astype("float32")
    x[0] = x[0, :1]  # all frames alike: fewer are kept
    plain = layers.HashMapMerge(window=4)
    padded = layers.HashMapMerge(window=4, source_padding=True)
    plain.build(x.shape)
    padded.build(x.shape)
    weights = [w + rng.normal(size=w.shape) for w in plain.get_weights()]
    plain.set_weights(weights)
    padded.set_weights(weights)
    y, filled = to_numpy(plain(x)), to_numpy(padded(x))
    mask = to_numpy(padded.compute_mask(ops.convert_to_tensor(x)))
    kept = mask.sum(axis=1)
    assert kept[0] < kept[1]
    np.testing.assert_array_equal(filled[mask], y[mask])
    black = np.zeros((1, 4, 4), "float32")
    one = layers.HashMapMerge(window=4)
    one.build(black.shape)
    one.set_weights(weights)
    expected = to_numpy(one(black))[0, 0]
    missing = filled[0, kept[0] : kept[1]]
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(missing, [expected] * len(missing), atol=1e-6)
    assert not filled[0, kept[1] :].any()
