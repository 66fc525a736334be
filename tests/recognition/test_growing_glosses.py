import numpy as np
import pytest

from dtf_keras.decoding import decode_spans
from dtf_keras.recognition.growing_glosses import GrowingGlosses

GLOSSES = ("A", "B", "C")


def random_logits(seed, steps=60):
    """Many blanks, and glosses that go on for a while."""
    rng = np.random.default_rng(seed)
    path = np.repeat(rng.choice(4, steps, p=[0.5, 0.2, 0.2, 0.1]), rng.integers(1, 4))
    return rng.normal(size=(steps, 4)) + 4 * np.eye(4)[path[:steps]]


@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_step_by_step_they_are_those_of_all_steps(merge, seed):
    logits = random_logits(seed)
    (spans,) = decode_spans(logits[None], merge_repeated_glosses=merge)
    assert len(spans) > 5
    expected = [(GLOSSES[s.class_id - 1], s.start / 5, s.stop / 5) for s in spans]
    growing, starts, found = GrowingGlosses(GLOSSES, merge), np.arange(60) / 5, []
    for at in range(0, 60, 7):
        part = slice(at, at + 7)
        rest = growing.pending(logits[at:], starts[at:], 12.0)
        assert [(g.gloss, g.start, g.end) for g in found + rest] == expected
        found += growing.push(logits[part], starts[part])
    found += growing.finish(12.0)
    assert [(g.gloss, g.start, g.end) for g in found] == expected
    sure = [g.confidence for g in found]
    np.testing.assert_allclose(sure, [s.probability for s in spans], atol=1e-6)


def test_a_gloss_is_settled_by_the_next_step_of_another_class():
    logits = 9 * np.eye(4)[[1, 1, 0, 1, 2]]
    plain, merged = GrowingGlosses(GLOSSES), GrowingGlosses(GLOSSES, True)
    settled = [[], []]
    for number, step in enumerate(logits):
        for growing, when in zip((plain, merged), settled, strict=True):
            found = growing.push(step[None], [float(number)])
            when += [(g.gloss, g.end, number) for g in found]
    assert settled == [[("A", 2.0, 2), ("A", 4.0, 4)], [("A", 4.0, 4)]]


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="NaN or infinite at step 1"):
        GrowingGlosses(GLOSSES).push(np.array([[0.0] * 4, [np.nan] * 4]), [0.0, 1.0])
