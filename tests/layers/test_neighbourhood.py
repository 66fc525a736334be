import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import find_neighbours
from dtf_keras.layers.fusion.neighbourhood import highest
from tests.helpers.backends import largest_tensor, to_numpy


def oracle(x, n, window):
    """Neighbours by the book, one frame at a time: score, sort, keep, sort by time."""
    scores = x[:n].astype("float64") @ x[:n].T.astype("float64")
    sets = []
    for i in range(n):
        near = [j for j in range(n) if abs(i - j) <= window - 1]
        best = sorted(near, key=lambda j: (-scores[i, j], j))[:window]
        sets.append(sorted(best))
    return sets


def found(x, lengths, window, anchors=None):
    mask = np.arange(x.shape[1])[None] < np.array(lengths)[:, None]
    near = find_neighbours(
        ops.convert_to_tensor(x),
        ops.convert_to_tensor(mask),
        window,
        None if anchors is None else ops.convert_to_tensor(anchors),
    )
    frames, slots = to_numpy(near.frames), to_numpy(near.slots)
    return [
        [frames[b, i][slots[b, i]].tolist() for i in range(frames.shape[1])]
        for b in range(len(x))
    ]


@pytest.mark.parametrize("window", [1, 2, 5, 16])
def test_finds_what_the_definition_says(window):
    lengths = [30, 17, 3, 1]
    x = np.random.default_rng(0).normal(size=(4, 30, 6)).astype("float32")
    sets = found(x, lengths, window)
    for row, n in enumerate(lengths):
        assert sets[row][:n] == oracle(x[row], n, window)
        assert sets[row][n:] == [[]] * (30 - n)


def test_anchors_find_what_all_frames_find():
    x = np.random.default_rng(1).normal(size=(2, 20, 6)).astype("float32")
    anchors = np.array([[0, 7, 19], [2, 3, 11]], "int32")
    everywhere = found(x, [20, 12], 4)
    assert found(x, [20, 12], 4, anchors) == [
        [everywhere[row][i] for i in anchors[row]] for row in range(2)
    ]


def test_on_equal_scores_the_earlier_frame_wins():
    x = np.ones((1, 9, 2), "float32")
    sets = found(x, [9], 3)[0]
    assert sets == [[0, 1, 2], [0, 1, 2]] + [[i, i + 1, i + 2] for i in range(7)]


def test_a_loud_frame_is_chosen_before_the_frame_itself():
    x = np.full((1, 5, 1), 0.1, "float32")
    x[0, 3] = 9.0
    assert found(x, [5], 1)[0] == [[0], [1], [2], [3], [4]]
    assert found(x, [5], 2)[0][4] == [3, 4]
    x[0, 2] = 5.0
    assert found(x, [5], 2)[0][1] == [0, 2]  # itself is equal to 0, and later


def test_highest_marks_ties_in_order_and_never_what_is_not_allowed():
    scores = np.array([[1, 3, 3, 3, 2], [5, 5, 5, 5, 5]], "float32")
    allowed = np.array([[1, 1, 1, 1, 1], [0, 1, 0, 0, 1]], bool)
    marked = to_numpy(
        highest(ops.convert_to_tensor(scores), ops.convert_to_tensor(allowed), 2)
    )
    assert marked.tolist() == [
        [False, True, True, False, False],
        [False, True, False, False, True],
    ]


def test_the_choice_carries_no_gradient():
    from tests.helpers.backends import gradient

    mask = np.ones((1, 8), bool)

    def weigh(x):
        near = find_neighbours(x, ops.convert_to_tensor(mask), 3)
        return ops.sum(ops.cast(near.frames, "float32")) + 0 * ops.sum(x)

    x = np.random.default_rng(2).normal(size=(1, 8, 4))
    assert np.abs(gradient(weigh, x)).max() == 0


@pytest.mark.parametrize("anchored", [False, True])
def test_memory_grows_linearly_with_the_frames(anchored):
    def size(length):
        x = np.zeros((1, length, 16), "float32")
        mask = np.ones((1, length), bool)
        anchors = np.arange(0, length, 4, dtype="int32")[None]

        def run(x, mask, anchors):
            near = find_neighbours(x, mask, 4, anchors if anchored else None)
            return near.frames

        return largest_tensor(run, x, mask, anchors)

    if size(64) is None:
        pytest.skip("torch has no graph to read the sizes from")
    assert size(512) <= 8.5 * size(64)
