import itertools

import numpy as np
import pytest

from dtf_keras.decoding import NGramLanguageModel, beam_search
from tests.helpers.ctc_oracle import all_sequences, textbook_beam_search

GLOSSES = ["SUN", "RAIN", "WIND", "SNOW"]


# log10, gloss by gloss and the end; b(x) is the backoff weight of the history x.
HAND_COMPUTED = [
    ("RAIN WIND", [-0.20, -0.10, -0.35]),
    ("", [-0.30 - 0.90]),  # b(<s>)
    ("WIND RAIN", [-0.30 - 0.70, -0.25 - 0.60, -0.20 - 0.90]),  # b(WIND), b(RAIN)
    ("RAIN RAIN WIND", [-0.20, -0.05 - 0.40, -0.50, -0.35]),  # b(<s> RAIN)
    ("SNOW RAIN SUN", [-0.30 - 1.50, -0.80, -0.20 - 1.10, -0.90]),  # SNOW is <unk>
]


@pytest.mark.parametrize(("sentence", "expected"), HAND_COMPUTED)
def test_scores_are_those_computed_by_hand(arpa, sentence, expected):
    model = NGramLanguageModel.from_arpa(arpa(), GLOSSES)
    state, steps = model.start(), []
    class_ids = [GLOSSES.index(gloss) + 1 for gloss in sentence.split()]
    for class_id in class_ids:
        steps.append(model.scores(state)[class_id])
        state = model.advance(state, class_id)
    steps.append(model.end_score(state))
    np.testing.assert_allclose(steps, np.array(expected) * np.log(10))
    np.testing.assert_allclose(model.score(class_ids), sum(expected) * np.log(10))
    assert model.unknown_glosses == ["SNOW"]


def test_scores_are_those_of_kenlm(arpa):
    kenlm = pytest.importorskip("kenlm", reason="KenLM's Python module is not there")
    rng = np.random.default_rng(0)
    words = [*"ABCDEFGH", "<unk>"]
    clips = [["<s>", *rng.choice(words, rng.integers(1, 7)), "</s>"] for _ in range(30)]
    lines, counts = [], []
    for order in range(1, 5):
        ngrams = {(w,) for w in ["<s>", "</s>", *words]} if order == 1 else set()
        ngrams |= {
            tuple(map(str, clip[i : i + order]))
            for clip in clips
            for i in range(len(clip) - order + 1)
        }
        counts.append(f"ngram {order}={len(ngrams)}")
        lines.append(f"\n\\{order}-grams:")
        for ngram in sorted(ngrams):
            weight = (
                f"\t{-rng.random():.4f}" if order < 4 and rng.random() < 0.8 else ""
            )
            weight = "" if ngram[-1] == "</s>" else weight
            lines.append(f"{-3 * rng.random():.4f}\t{' '.join(ngram)}{weight}")
    path = arpa("\n".join(["\\data\\", *counts, *lines, "", "\\end\\", ""]))
    theirs = kenlm.Model(str(path))
    glosses = [*"ABCDEFGHIJ"]  # I and J are unknown
    ours = NGramLanguageModel.from_arpa(path, glosses)
    for _ in range(300):
        class_ids = rng.integers(1, 11, rng.integers(0, 9)).tolist()
        sentence = " ".join(glosses[i - 1] for i in class_ids)
        expected = theirs.score(sentence, bos=True, eos=True) * np.log(10)
        np.testing.assert_allclose(ours.score(class_ids), expected, rtol=1e-5)


@pytest.mark.parametrize(("alpha", "beta"), [(0.7, 0.0), (2.0, 1.5)])
def test_the_beam_search_finds_the_best_score_of_all_sequences(arpa, alpha, beta):
    model = NGramLanguageModel.from_arpa(arpa(), GLOSSES)
    logits = np.random.default_rng(1).normal(size=(3, 5, 5))
    found = beam_search(
        logits,
        width=1000,
        num_best=20,
        language_model=model,
        alpha=alpha,
        beta=beta,
    )
    for row, clip in zip(found, logits, strict=True):
        exact = all_sequences(clip)
        scores = {
            s: p + alpha * model.score(s) + beta * len(s) for s, p in exact.items()
        }
        best = sorted(scores, key=lambda s: -scores[s])[:20]
        assert [tuple(h.class_ids) for h in row] == best
        np.testing.assert_allclose([h.score for h in row], [scores[s] for s in best])
        np.testing.assert_allclose(
            [h.log_probability for h in row], [exact[s] for s in best]
        )


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_narrow_beam_asks_the_language_model_at_every_step(arpa, width):
    model = NGramLanguageModel.from_arpa(arpa(), GLOSSES)

    def prior(prefix):
        state, total = model.start(), 0.0
        for class_id in prefix:
            total += 0.6 * model.scores(state)[class_id] + 0.3
            state = model.advance(state, class_id)
        return total

    logits = 2 * np.random.default_rng(width).normal(size=(20, 12, 5))
    found = beam_search(
        logits,
        width=width,
        num_best=width,
        language_model=model,
        alpha=0.6,
        beta=0.3,
    )
    for row, clip in zip(found, logits, strict=True):
        expected = dict(textbook_beam_search(clip, width, prior))
        assert {tuple(h.class_ids) for h in row} == set(expected)
        for h in row:
            np.testing.assert_allclose(h.log_probability, expected[(*h.class_ids,)])


def test_the_language_model_decides_between_glosses_that_look_alike(arpa):
    model = NGramLanguageModel.from_arpa(arpa(), GLOSSES)
    logits = np.log([[[0.1, 0.0001, 0.8, 0.05, 0.05], [0.1, 0.4, 0.0001, 0.3, 0.2]]])
    assert beam_search(logits)[0][0].class_ids == [2, 1]
    found = beam_search(logits, language_model=model)[0][0]
    assert found.class_ids == [2, 3]
    assert found.score < found.log_probability


def test_a_model_without_unknown_word_must_know_every_gloss(arpa, trigrams):
    text = trigrams.replace("<unk>", "FOG")
    assert NGramLanguageModel.from_arpa(arpa(text), GLOSSES[:3]).unknown_glosses == []
    with pytest.raises(ValueError, match=r"glosses.arpa: .* lacks 1 of the 4 .*'SNOW'"):
        NGramLanguageModel.from_arpa(arpa(text), GLOSSES)
    with pytest.raises(ValueError, match="knows none of the 2 glosses, 'rain' first"):
        NGramLanguageModel.from_arpa(arpa(), ["rain", "wind"])
    with pytest.raises(ValueError, match="has no </s>"):
        NGramLanguageModel.from_arpa(arpa(trigrams.replace("</s>", "END")), GLOSSES)


def test_a_history_that_is_only_part_of_a_longer_one_still_counts(arpa):
    # Pruned models may list "B A B" without "B A".
    text = "\\data\\\nngram 1=4\nngram 2=1\nngram 3=1\n\\1-grams:\n-1 <s> -0.5\n-1 </s>"
    text += "\n-0.4 A -0.3\n-0.6 B -0.2\n\\2-grams:\n-0.7 A B\n\\3-grams:\n-0.1 B A B\n"
    model = NGramLanguageModel.from_arpa(arpa(text + "\\end\\\n"), ["A", "B"])
    found = {
        ids: model.score(ids) / np.log(10)
        for ids in itertools.product([1, 2], repeat=3)
    }
    # B | <s>, A | B, B | B A, </s> | B
    np.testing.assert_allclose(found[2, 1, 2], -1.1 - 0.6 - 0.1 - 1.2)
    # A | <s>, A | A, B | A, </s> | B
    np.testing.assert_allclose(found[1, 1, 2], -0.9 - 0.7 - 0.7 - 1.2)
