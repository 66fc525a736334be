import numpy as np

from dtf_keras.decoding import Span, greedy, greedy_spans, step_probabilities


def test_probabilities_sum_to_one_and_keep_the_order():
    logits = np.array([[[0.0, np.log(3.0)], [0.0, -1e9]]], "float32")
    np.testing.assert_allclose(
        step_probabilities(logits), [[[0.25, 0.75], [1.0, 0.0]]], rtol=1e-6
    )


def test_a_span_covers_the_steps_of_one_gloss():
    logits = np.log(0.1 + np.eye(3)[None, [1, 1, 0, 1, 2, 2]])
    spans = greedy_spans(logits)[0]
    assert [(s.class_id, s.start, s.stop) for s in spans] == [
        (1, 0, 2),
        (1, 3, 4),
        (2, 4, 6),
    ]
    np.testing.assert_allclose([s.probability for s in spans], 1.1 / 1.3, rtol=1e-6)


def test_spans_are_the_glosses_of_greedy():
    logits = np.random.default_rng(1).normal(size=(6, 20, 4)).astype("float32")
    steps = [20, 11, 5, 1, 0, 17]
    spans = greedy_spans(logits, steps)
    assert [[s.class_id for s in row] for row in spans] == greedy(logits, steps)


def test_no_steps_give_no_span():
    assert greedy_spans(np.zeros((2, 3, 4)), [0, 0]) == [[], []]
    assert isinstance(greedy_spans(np.eye(4)[None, [2]])[0][0], Span)
