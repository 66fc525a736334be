import warnings

import numpy as np
import pytest
from keras import ops

from dtf_keras.decoding import beam_search, greedy
from dtf_keras.layers import BlankPadding
from tests.helpers.ctc_oracle import all_sequences, textbook_beam_search


def random_logits(*shape, seed=0, scale=1.5):
    return scale * np.random.default_rng(seed).normal(size=shape).astype("float32")


def numbers(row):
    return [(tuple(h.class_ids), h.log_probability) for h in row]


def assert_same(found, expected):
    assert [ids for ids, _ in found] == [ids for ids, _ in expected]
    np.testing.assert_allclose(
        [log_prob for _, log_prob in found],
        [log_prob for _, log_prob in expected],
        rtol=1e-9,
        atol=1e-12,
    )


@pytest.mark.parametrize(("length", "num_classes"), [(1, 4), (4, 4), (6, 3), (5, 2)])
def test_a_beam_that_holds_everything_finds_every_sequence(length, num_classes):
    logits = random_logits(3, length, num_classes, seed=length)
    found = beam_search(logits, width=500, num_best=500)
    for row, clip in zip(found, logits, strict=True):
        exact = all_sequences(clip)
        expected = sorted(exact.items(), key=lambda found: -found[1])
        assert_same(numbers(row), expected)
        np.testing.assert_allclose(sum(np.exp(h.log_probability) for h in row), 1)


@pytest.mark.parametrize("width", [1, 2, 3, 8])
def test_a_narrow_beam_prunes_as_the_textbook_does(width):
    logits = random_logits(20, 12, 7, seed=width)
    found = beam_search(logits, width=width, num_best=width)
    for row, clip in zip(found, logits, strict=True):
        assert_same(numbers(row), textbook_beam_search(clip, width))


def test_the_classes_that_are_tried_by_default_are_all_that_matter():
    logits = random_logits(30, 10, 40, seed=5, scale=0.5)
    some = beam_search(logits, width=3, num_best=3)
    every = beam_search(logits, width=3, num_best=3, top=39)
    assert [numbers(row) for row in some] == [numbers(row) for row in every]


def test_unpruned_it_equals_the_beam_search_of_keras():
    logits = random_logits(4, 5, 4, seed=2)
    steps = np.array([5, 4, 2, 5], "int32")
    ids, scores = ops.ctc_decode(
        ops.convert_to_tensor(logits),
        ops.convert_to_tensor(steps),
        strategy="beam_search",
        beam_width=400,
        top_paths=5,
        mask_index=0,
    )
    ids, scores = ops.convert_to_numpy(ids), ops.convert_to_numpy(scores)
    for clip, row in enumerate(beam_search(logits, steps, width=400, num_best=5)):
        theirs = [[int(c) for c in path if c >= 0] for path in ids[:, clip]]
        assert [h.class_ids for h in row] == theirs
        np.testing.assert_allclose(
            [h.log_probability for h in row], scores[clip], rtol=1e-4
        )


def test_it_sums_paths_where_greedy_takes_one():
    probabilities = [[0.4, 0.35, 0.25], [0.4, 0.35, 0.25]]
    logits = np.log([probabilities])
    assert greedy(logits) == [[]]  # 0.16, but four paths spell something with 1
    best = beam_search(logits)[0][0]
    assert best.class_ids == [1]
    np.testing.assert_allclose(np.exp(best.log_probability), 0.35**2 + 2 * 0.4 * 0.35)


def test_top_limits_the_classes_of_a_step():
    logits = np.log([[[0.1, 0.5, 0.4], [0.1, 0.4, 0.5]]])
    found = beam_search(logits, top=1, num_best=10)[0]
    assert [h.class_ids for h in found] == [[1], [1, 2], [2], []]
    assert [2, 1] in [h.class_ids for h in beam_search(logits, num_best=10)[0]]


def test_a_clip_decodes_to_the_same_alone_and_in_a_padded_batch():
    logits = random_logits(5, 11, 9, seed=3)
    steps = [4, 11, 0, 7, 1]
    together = beam_search(logits, steps, width=4, num_best=4)
    for clip, length in enumerate(steps):
        alone = beam_search(logits[clip, None, :length], width=4, num_best=4)
        assert together[clip] == alone[0]


def test_the_padding_of_a_zoo_model_needs_no_num_steps():
    logits = random_logits(3, 9, 5, seed=4)
    steps = np.array([9, 5, 0])
    padded = BlankPadding()(logits, mask=np.arange(9) < steps[:, None])
    found = beam_search(padded, num_best=8)
    assert found == beam_search(logits, steps, num_best=8)
    assert [h.class_ids for h in found[2]] == [[]]


def test_impossible_classes_are_never_decoded_and_warn_of_nothing():
    logits = random_logits(2, 6, 4, seed=6)
    logits[:, :, 2] = -np.inf
    logits[0, 3, :] = [-np.inf, 0, -np.inf, 0]  # no blank here
    logits[1, 2, :] = [0, -1e9, -1e9, -1e9]  # only blank here
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = beam_search(logits, width=300, num_best=300)
    for row, clip in zip(found, logits, strict=True):
        with np.errstate(invalid="ignore"):
            exact = {s: p for s, p in all_sequences(clip).items() if p > -1e8}
        assert {tuple(h.class_ids) for h in row} == set(exact)
        for h in row:
            np.testing.assert_allclose(h.log_probability, exact[tuple(h.class_ids)])


def test_of_equal_scores_the_lower_class_ids_are_first():
    found = beam_search(np.zeros((1, 2, 3)), num_best=10)[0]
    assert [h.class_ids for h in found] == [[1], [2], [], [1, 2], [2, 1]]
    uneven = np.full((1, 2, 3), -np.inf)  # [2] is found before [1]
    uneven[0, 0, [0, 2]] = uneven[0, 1, [0, 1]] = 0
    found = beam_search(uneven, num_best=10)[0]
    assert [h.class_ids for h in found] == [[], [1], [2], [2, 1]]
    narrow = beam_search(np.zeros((1, 2, 30)), width=2, num_best=2)[0]
    assert [h.class_ids for h in narrow] == [[1], []]


def test_a_bonus_for_each_gloss_makes_sequences_longer():
    logits = random_logits(1, 6, 4, seed=8)
    exact = all_sequences(logits[0])
    for beta in (-2.0, 0.0, 3.0):
        best = beam_search(logits, width=500, beta=beta)[0][0]
        expected = max(exact, key=lambda s: exact[s] + beta * len(s))
        assert tuple(best.class_ids) == expected
        score = best.log_probability + beta * len(best.class_ids)
        np.testing.assert_allclose(best.score, score)


def test_repeated_glosses_are_kept_unless_merging_is_asked_for():
    logits = 6 * np.eye(4)[None, [1, 0, 1, 1, 2, 3, 0, 3]]
    kept = beam_search(logits)[0][0]
    assert kept.class_ids == [1, 1, 2, 3, 3]
    merged = beam_search(logits, merge_repeated_glosses=True, num_best=5)[0]
    assert merged[0].class_ids == [1, 2, 3]
    assert merged[0].log_probability == kept.log_probability
    assert [(s.start, s.stop) for s in merged[0].spans] == [(0, 4), (4, 5), (5, 8)]
    sequences = [tuple(h.class_ids) for h in merged]
    assert len(set(sequences)) == len(sequences) == 5


def test_takes_tensors_of_the_backend():
    logits = random_logits(2, 6, 5)
    tensors = ops.convert_to_tensor(logits), ops.convert_to_tensor([6, 3])
    assert beam_search(*tensors) == beam_search(logits, [6, 3])


def test_no_clips_no_steps_or_no_glosses_give_what_there_is():
    assert beam_search(np.zeros((0, 4, 5))) == []
    for logits in (np.zeros((2, 0, 5)), np.zeros((2, 3, 1))):
        for (only,) in beam_search(logits, num_best=3):
            assert (only.class_ids, only.log_probability, only.spans) == ([], 0.0, [])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"width": 0}, "width must be a whole number from 1. Received: 0"),
        ({"top": 0}, "top must be a whole number from 1"),
        ({"num_best": 0}, "num_best must be a whole number"),
        ({"width": 2, "num_best": 3}, "num_best is 3 and width 2"),
        ({"width": 1.5}, r"width must be a whole number from 1. Received: 1\.5"),
        ({"top": True}, "Received: True"),
        ({"alpha": np.nan}, "alpha must be a number. Received: nan"),
        ({"beta": "2"}, "beta must be a number. Received: '2'"),
        ({"num_steps": [9]}, "expected 0 to 4"),
        ({"num_steps": [2.5]}, "one whole number of valid steps"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        beam_search(np.zeros((1, 4, 5)), **settings)
    with pytest.raises(ValueError, match=r"expected \[B, T', V\]"):
        beam_search(np.zeros((4, 5)))
