import doctest
import json
import pathlib
import random

import pytest

from dtf_keras.evaluation import (
    CtmRow,
    ScoringError,
    StmRow,
    score,
    score_files,
    scoring,
    word_errors,
    write_ctm,
    write_stm,
)

INVENTED = pathlib.Path(__file__).parent / "invented"


def test_docstring_examples_hold():
    result = doctest.testmod(scoring)
    assert result.attempted
    assert not result.failed


def test_invented_files_score_as_sclite_scored_them():
    """`expected.json` was made by sclite, after a clean-up by sed and sort."""
    expected = json.loads((INVENTED / "expected.json").read_text(encoding="utf-8"))
    found = score_files(INVENTED / "hyp.ctm", INVENTED / "ref.stm")
    utterances = {clip: list(counts) for clip, counts in found.utterances.items()}
    assert utterances == expected["utterances"]
    for name in ("counts", "percent", "speakers", "hypotheses"):
        assert getattr(found, name) == expected[name], name


def random_clips(seed, glosses):
    rng = random.Random(seed)
    return {
        f"clip-{n}": rng.choices(glosses, k=rng.randint(n % 3, 14)) for n in range(40)
    }


@pytest.mark.parametrize("rules", ["phoenix2014", "phoenix2014t", "plain"])
def test_lists_and_files_with_one_gloss_a_line_score_the_same(rules, tmp_path):
    glosses = "A B loc-A TREE-PLUSPLUS TREE RAUM GARTENRAUM ZEIGEN __ON__ __PU__ X*"
    signed = random_clips(1, ["A", "B", "TREE", "ZEIGEN-BILDSCHIRM", "GARTEN"])
    recognized = random_clips(2, glosses.split())
    signers = {clip: f"signer{n % 3}" for n, clip in enumerate(signed)}
    write_ctm(
        tmp_path / "hyp.ctm",
        [
            CtmRow(clip, 0.9 * n, 0.9, gloss)  # beyond 10 s
            for clip, row in recognized.items()
            for n, gloss in enumerate(row)
        ],
    )
    write_stm(
        tmp_path / "ref.stm",
        [StmRow(clip, tuple(row), signers[clip]) for clip, row in signed.items()],
    )
    files = score_files(tmp_path / "hyp.ctm", tmp_path / "ref.stm", rules)
    lists = score(recognized, signed, rules, signers)
    assert lists.hypotheses == files.hypotheses
    assert lists.utterances == files.utterances
    assert lists.speakers == files.speakers
    assert min(lists.counts.values()) > 20


def test_signers_add_up_to_the_total():
    signed = {"a": ["A", "B"], "b": ["A"], "c": ["C"]}
    signers = {"a": "anna", "b": "bert", "c": "anna"}
    found = score({"a": ["A"], "b": ["A", "A"], "c": ["C"]}, signed, signers=signers)
    assert found.speakers["anna"]["wrd"] == 3
    for name, count in found.counts.items():
        assert count == sum(counts[name] for counts in found.speakers.values())
    assert found.wer == 50.0
    assert found.sentence_error == pytest.approx(200 / 3)
    assert score({}, signed).speakers == {}


def test_a_clip_without_hypothesis_counts_as_not_recognized():
    signed = {"a": ["A"], "b": ["B", "C"]}
    found = score({"a": ["A"]}, signed)
    assert found.utterances["b"] == (0, 1, 1, 0)
    assert found.missing == ["b"]
    assert score({"a": ["A"], "b": []}, signed).missing == []


def test_percent_rounds_halves_up_as_sclite_does():
    found = score({"a": ["X"] + ["A"] * 399}, {"a": ["A"] * 400})
    assert found.percent["err"] == 0.3  # 0.25 %


def test_commonest_errors_come_first():
    signed = {"a": ["A", "B", "C"], "b": ["A", "D"], "c": ["A", "E"]}
    found = score({"a": ["X", "B"], "b": ["X", "Y"], "c": ["A", "E", "F"]}, signed)
    assert found.most_common("S") == [(("A", "X"), 2), (("D", "Y"), 1)]
    assert found.most_common("D") == [(("C", None), 1)]
    assert found.most_common("I") == [((None, "F"), 1)]


def test_plain_wer_of_jiwer_can_be_less():
    """Four errors that cost 3 * 4 + 3 as much as five that cost 5 * 3."""
    signed, recognized = ["A", "A", "A", "B", "C"], ["B", "C", "C", "B"]
    jiwer = word_errors([signed], [recognized])
    sclite = score({"a": recognized}, {"a": signed}, "plain").counts
    assert (jiwer.substitutions, jiwer.deletions, jiwer.insertions) == (3, 1, 0)
    assert (sclite["sub"], sclite["del"], sclite["ins"]) == (0, 3, 2)


def test_case_counts_for_jiwer_and_not_for_sclite():
    assert word_errors([["TREE"]], [["tree"]]).total == 1
    assert score({"a": ["tree"]}, {"a": ["TREE"]}).counts["err"] == 0


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        ({"b": ["A"]}, {"a": ["A"]}, "has clip b, channel 1, and the reference"),
        ({"a": ["NOT NOW"]}, {"a": ["A"]}, "gloss of clip a is 'NOT NOW'"),
        ({"a": []}, {"a": ["NOT NOW"]}, "gloss of clip a is 'NOT NOW'"),
        ({}, {}, "no glosses"),
        ({"a": ["A"]}, {"a": []}, "no glosses"),
        ({"a": ["A"]}, {"a": ["{", "A"]}, "clip a: The braces"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(hypotheses, references, message):
    with pytest.raises(ScoringError, match=message):
        score(hypotheses, references)


def test_a_string_in_place_of_glosses_is_refused():
    with pytest.raises(TypeError, match="Clip a is the string 'A B'"):
        score({"a": "A B"}, {"a": ["A", "B"]})
    with pytest.raises(TypeError, match="a dict from clip id"):
        score([["A", "B"]], {"a": ["A", "B"]})


@pytest.mark.parametrize("row", ["b 1 0.0 0.1 X", "a 2 0.0 0.1 X"])
def test_clips_and_channels_the_reference_lacks_are_refused(row, tmp_path):
    ctm, stm = tmp_path / "hyp.ctm", tmp_path / "ref.stm"
    ctm.write_text(f"a 1 0.0 0.1 X\n{row}\n")
    stm.write_text("a 1 anna 0.0 1.0 X\n")
    with pytest.raises(ScoringError, match="reference has not") as caught:
        score_files(ctm, stm)
    assert str(ctm) in str(caught.value)
