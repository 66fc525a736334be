"""Random references and hypotheses, asked of sclite itself where it is installed."""

import random

import pytest

from dtf_keras.evaluation import (
    CtmRow,
    StmRow,
    score,
    score_files,
    write_ctm,
    write_stm,
)
from tests.helpers import sclite

pytestmark = pytest.mark.skipif(
    sclite.BINARY is None, reason="sclite (Debian's package sctk) is not installed"
)
# Few glosses, so that many alignments are equally good.
GLOSSES = ["A", "A", "B", "B", "C", "D", "tree", "TREE", "Süd", "SÜD"]
ODD = ["A*", "B;x", r"C\;y", "@", "(A)", "loc-A", "GARTENRAUM"]


def draw_wording(rng, alternatives, depth=0):
    words = []
    for _ in range(rng.randint(1, 3 if depth else 9)):
        if alternatives and depth < 3 and rng.random() < 0.15:
            wordings = [
                draw_wording(rng, alternatives, depth + 1)
                for _ in range(rng.randint(1, 3))
            ]
            inner = [word for wording in wordings for word in ["/", *wording]]
            words += ["{", *inner[1:], "}"]
        else:
            words.append(rng.choice(ODD if rng.random() < 0.1 else GLOSSES))
    return words


def draw_hypothesis(rng, reference):
    """The reference with errors, or now and then something else altogether."""
    if rng.random() < 0.3:
        return rng.choices(GLOSSES + ODD, k=rng.randint(0, 10))
    words = []
    for word in reference:
        if word not in "{}/" and rng.random() < 0.85:
            words.append(rng.choice(GLOSSES) if rng.random() < 0.2 else word)
            words += rng.choices(GLOSSES, k=rng.random() < 0.15)
    return words


@pytest.mark.parametrize("rules", ["plain", "phoenix2014"])
@pytest.mark.parametrize("alternatives", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_random_hypotheses_score_as_sclite_scores_them(
    seed, alternatives, rules, tmp_path
):
    rng = random.Random(seed)
    signed = {f"clip-{n}": draw_wording(rng, alternatives) for n in range(250)}
    recognized = {clip: draw_hypothesis(rng, words) for clip, words in signed.items()}
    signers = {clip: rng.choice(["anna", "bert", "cleo"]) for clip in signed}
    found = score(recognized, signed, rules, signers)
    ctm, stm = tmp_path / "hyp.ctm", tmp_path / "ref.stm"
    write_ctm(
        ctm,
        [
            CtmRow(clip, 1.5 * n, 1.5, word)
            for clip, words in found.hypotheses.items()  # as they are compared
            for n, word in enumerate(words)
        ],
    )
    rows = [StmRow(clip, tuple(words), signers[clip]) for clip, words in signed.items()]
    write_stm(stm, rows)
    answer = sclite.ask(ctm, stm, tmp_path)
    assert found.utterances == answer["utterances"]
    assert found.counts == answer["counts"]
    assert found.percent == answer["percent"]
    assert found.speakers == answer["speakers"]
    assert score_files(ctm, stm, "plain").utterances == answer["utterances"]
