import numpy as np
import pytest

from dtf_keras.decoding import beam_search, decode, decode_spans, greedy, greedy_spans


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(size=(4, 12, 3)).astype("float32")


def test_greedy_is_the_default(logits):
    steps = [12, 5, 0, 3]
    assert decode(logits, steps) == greedy(logits, steps)
    assert decode_spans(logits, steps) == greedy_spans(logits, steps)


def test_beam_gives_the_best_hypothesis_and_takes_its_settings(logits):
    best = [row[0] for row in beam_search(logits, width=3, beta=1.0)]
    found = decode(logits, strategy="beam", width=3, beta=1.0)
    assert found == [hypothesis.class_ids for hypothesis in best]
    spans = decode_spans(logits, strategy="beam", width=3, beta=1.0)
    assert spans == [hypothesis.spans for hypothesis in best]


@pytest.mark.parametrize("strategy", ["greedy", "beam"])
def test_merging_repeated_glosses_loses_true_repetitions(strategy):
    logits = 9 * np.eye(3)[None, [1, 1, 0, 1, 2, 2]]
    assert decode(logits, strategy=strategy) == [[1, 1, 2]]
    merged = decode_spans(logits, strategy=strategy, merge_repeated_glosses=True)[0]
    assert [(s.class_id, s.start, s.stop) for s in merged] == [(1, 0, 4), (2, 4, 6)]
    one = np.exp(9) / (np.exp(9) + 2)
    np.testing.assert_allclose([s.probability for s in merged], one, rtol=1e-6)


def test_the_probability_of_a_merged_gloss_is_the_mean_over_its_steps():
    probabilities = np.array([[0.1, 0.9], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]])
    (span,) = decode_spans(np.log(probabilities)[None], merge_repeated_glosses=True)[0]
    assert (span.start, span.stop) == (0, 4)
    np.testing.assert_allclose(span.probability, (0.9 + 0.6 + 0.7) / 3, rtol=1e-6)


def test_what_a_strategy_does_not_know_is_refused(logits):
    with pytest.raises(ValueError, match="no decoding strategy 'viterbi'"):
        decode(logits, strategy="viterbi")
    with pytest.raises(ValueError, match="width is a setting of the beam search"):
        decode(logits, width=3)
