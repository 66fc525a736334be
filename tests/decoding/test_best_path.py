import numpy as np
import pytest
from keras import ops

from dtf_keras.decoding import beam_search, greedy, greedy_spans

IMPOSSIBLE = -1e9


def logits_of(*paths, num_classes=5):
    """Logits whose best path is the given one: [B, T', V]."""
    return 4.0 * np.eye(num_classes, dtype="float32")[np.array(paths)]


def test_merges_repeats_then_drops_blanks():
    logits = logits_of([1, 1, 0, 1, 2, 2], [0, 0, 3, 0, 0, 4])
    assert greedy(logits) == [[1, 1, 2], [3, 4]]


def test_all_blank_gives_nothing():
    assert greedy(logits_of([0, 0, 0])) == [[]]


def test_steps_where_blank_is_certain_give_nothing():
    logits = logits_of([3, 3, 3, 3])
    logits[0, 2:] = [0] + [IMPOSSIBLE] * 4
    assert greedy(logits) == [[3]]


def test_num_steps_leaves_out_what_comes_after():
    logits = logits_of([1, 2, 3, 4], [1, 2, 3, 4])
    assert greedy(logits, num_steps=[2, 0]) == [[1, 2], []]


def test_rows_do_not_depend_on_each_other():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4, 9, 5)).astype("float32")
    assert greedy(logits) == [greedy(row[None])[0] for row in logits]


def test_takes_tensors_of_the_backend():
    logits = ops.convert_to_tensor(logits_of([1, 0, 2]))
    assert greedy(logits, ops.convert_to_tensor([3])) == [[1, 2]]


def test_no_clips_or_no_steps_give_empty_lists():
    assert greedy(np.zeros((0, 4, 5))) == []
    assert greedy(np.zeros((2, 0, 5))) == [[], []]


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"expected \[B, T', V\]"):
        greedy(np.zeros((4, 5)))
    with pytest.raises(ValueError, match="each of the 2 clips"):
        greedy(np.zeros((2, 4, 5)), num_steps=[4])
    with pytest.raises(ValueError, match="expected 0 to 4"):
        greedy(np.zeros((2, 4, 5)), num_steps=[4, 5])


@pytest.mark.parametrize("decode", [greedy, greedy_spans, beam_search])
def test_logits_of_a_broken_model_are_refused(decode):
    logits = np.random.default_rng(1).normal(size=(3, 4, 5)).astype("float32")
    logits[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match=r"clip 1 of the batch are NaN .* at step 2"):
        decode(logits)
    assert decode(logits, [4, 2, 4])[0] == decode(logits[:1])[0]
    with pytest.raises(ValueError, match="NaN or infinite"):
        decode(np.full((1, 2, 3), -np.inf))
