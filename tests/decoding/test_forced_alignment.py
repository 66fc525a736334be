import numpy as np
import pytest
from keras import ops

from dtf_keras.decoding import align, beam_search, greedy, greedy_spans
from tests.helpers.ctc_oracle import all_paths, collapse, log_softmax


def random_logits(*shape, seed=0):
    return 1.5 * np.random.default_rng(seed).normal(size=shape).astype("float32")


def spans_of_path(path, logits):
    """(class_id, start, stop, probability) of each run of a gloss in a path."""
    starts = [t for t in range(len(path)) if t == 0 or path[t] != path[t - 1]]
    stops = [*starts[1:], len(path)]
    probabilities = np.exp(log_softmax(logits))
    return [
        (path[a], a, b, probabilities[a:b, path[a]].mean())
        for a, b in zip(starts, stops, strict=True)
        if path[a]
    ]


def assert_spans(spans, expected):
    found = [(s.class_id, s.start, s.stop) for s in spans]
    assert found == [e[:3] for e in expected]
    np.testing.assert_allclose([s.probability for s in spans], [e[3] for e in expected])


@pytest.mark.parametrize("glosses", [[], [1], [2, 1], [1, 1], [2, 2, 1], [1, 2, 1, 2]])
def test_the_best_of_all_paths_that_spell_the_glosses_is_taken(glosses):
    for seed in range(5):
        logits = random_logits(6, 3, seed=seed)
        spelling = [(p, q) for q, p in all_paths(logits) if collapse(q) == (*glosses,)]
        _, path = max(spelling)
        assert_spans(align(logits[None], [glosses])[0], spans_of_path(path, logits))


def test_the_glosses_of_greedy_are_where_greedy_found_them():
    logits = random_logits(6, 20, 5, seed=1)
    steps = [20, 11, 5, 1, 0, 17]
    aligned = align(logits, greedy(logits, steps), steps)
    for spans, expected in zip(aligned, greedy_spans(logits, steps), strict=True):
        assert_spans(
            spans, [(s.class_id, s.start, s.stop, s.probability) for s in expected]
        )


def test_every_hypothesis_of_the_beam_has_its_own_alignment():
    logits = random_logits(3, 12, 6, seed=2)
    steps = [12, 7, 9]
    for clip, row in enumerate(beam_search(logits, steps, num_best=6)):
        for hypothesis in row:
            alone = align(
                logits[clip, None, : steps[clip]], [hypothesis.class_ids]
            )  # alone and without padding
            assert hypothesis.spans == alone[0]


def test_clips_of_a_batch_do_not_depend_on_each_other():
    logits = random_logits(3, 9, 4, seed=3)
    glosses = [[1, 2, 3, 1], [], [2, 2]]
    steps = [9, 0, 4]
    together = align(ops.convert_to_tensor(logits), glosses, steps)
    for clip in range(3):
        alone = align(logits[clip, None, : steps[clip]], [glosses[clip]])
        assert together[clip] == alone[0]
    assert align(np.zeros((0, 3, 4)), []) == []


@pytest.mark.parametrize(
    ("glosses", "num_steps", "sentence"),
    [
        ([[1, 1], [1]], None, "Clip 0 of the batch has 2 output steps.*need 3"),
        ([[1], [2]], [2, 0], "Clip 1 of the batch has 0 output steps"),
        ([[1], [0]], None, "Class 0 of clip 1 of the batch is no gloss"),
        ([[4], [1]], None, "Class 4 of clip 0 .* expected 1 to 3"),
        ([[1]], None, "1 lists of class ids and 2 clips"),
        ([[1], [3]], None, "clip 1 of the batch have the probability 0"),
    ],
)
def test_glosses_that_cannot_be_placed_are_refused(glosses, num_steps, sentence):
    logits = np.zeros((2, 2, 4))
    logits[..., 3] = -np.inf
    with pytest.raises(ValueError, match=sentence):
        align(logits, glosses, num_steps)
