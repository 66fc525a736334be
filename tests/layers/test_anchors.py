import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras.layers.fusion.anchors import random_anchors, spaced_anchors
from tests.helpers.backends import to_numpy


def mask_of(lengths, length):
    mask = np.arange(length)[None] < np.array(lengths)[:, None]
    return ops.convert_to_tensor(mask)


def test_spaced_anchors_are_numpys_truncated_linspace_for_every_length():
    lengths = np.arange(4, 1500)
    frames = to_numpy(spaced_anchors(mask_of(lengths, 1500)))
    for row, n in enumerate(lengths):
        expected = np.linspace(0, n - 1, n // 4).astype(int)
        assert frames[row, : n // 4].tolist() == expected.tolist(), n
        assert not frames[row, n // 4 :].any()


def test_random_anchors_are_sorted_distinct_real_frames():
    lengths = [40, 23, 9, 3]
    frames = to_numpy(
        random_anchors(mask_of(lengths, 40), keras.random.SeedGenerator(1))
    )
    assert frames.shape == (4, 10)
    for row, n in enumerate(lengths):
        own = frames[row, : n // 4]
        assert (np.diff(own) > 0).all()
        assert (own < n).all()
        assert not frames[row, n // 4 :].any()


def test_random_anchors_change_with_clip_and_step_and_repeat_with_the_seed():
    mask = mask_of([80, 80], 80)
    seed = keras.random.SeedGenerator(5)
    first, second = (to_numpy(random_anchors(mask, seed)) for _ in range(2))
    again = to_numpy(random_anchors(mask, keras.random.SeedGenerator(5)))
    assert (first[0] != first[1]).any()
    assert (first != second).any()
    assert (first == again).all()


def test_random_anchors_take_every_frame_equally_often():
    mask = mask_of([20] * 4000, 24)
    frames = to_numpy(random_anchors(mask, keras.random.SeedGenerator(2)))[:, :5]
    share = np.bincount(frames.ravel(), minlength=24) / 4000
    assert share[:20] == pytest.approx(0.25, abs=0.03)  # 4.4 standard deviations
    assert not share[20:].any()


def test_a_shared_draw_keeps_the_same_frames_of_clips_of_one_length():
    seed = keras.random.SeedGenerator(3)
    frames = to_numpy(random_anchors(mask_of([40, 40, 24], 40), seed, shared=True))
    assert (frames[0] == frames[1]).all()
    assert (np.diff(frames[0]) > 0).all()
    assert (frames[2, :6] < 24).all()
    again = to_numpy(random_anchors(mask_of([40, 40, 24], 40), seed, shared=True))
    assert (frames[0] != again[0]).any()
