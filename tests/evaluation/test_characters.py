import doctest
import json
import random

import pytest

from dtf_keras.evaluation import (
    CharacterErrors,
    CtmRow,
    StmRow,
    WordErrors,
    character_errors,
    characters,
    describe,
    errors_from_dict,
    score,
    score_files,
    write_ctm,
    write_report,
    write_stm,
)

CHARACTERS = "␣!#$%&'()*+,-./0:;=?@[_abz~"


def random_phrases(seed, count=40):
    rng = random.Random(seed)
    return {
        f"clip-{n}": rng.choices(CHARACTERS, k=rng.randint(n % 3, 9))
        for n in range(count)
    }


def distance(signed, recognized):
    """The Levenshtein distance, by its definition."""
    row = list(range(len(recognized) + 1))
    for one in signed:
        before, row = row, [row[0] + 1]
        for place, other in enumerate(recognized):
            ways = before[place] + (one != other), before[place + 1] + 1, row[-1] + 1
            row.append(min(ways))
    return row[-1]


def test_docstring_examples_hold():
    result = doctest.testmod(characters)
    assert result.attempted
    assert not result.failed


def test_the_score_is_that_of_the_competition():
    signed, recognized = random_phrases(1), random_phrases(2)
    total = sum(map(len, signed.values()))
    wrong = sum(distance(signed[clip], recognized[clip]) for clip in signed)
    errors = character_errors(signed.values(), recognized.values())
    assert errors.total == wrong
    assert errors.levenshtein_score == pytest.approx((total - wrong) / total)
    assert errors.cer == pytest.approx(100 * wrong / total)
    found = score(recognized, signed, "characters")
    assert found.counts["err"] == wrong
    assert found.characters == errors
    assert found.wer == errors.cer


def test_words_lie_between_spaces():
    errors = character_errors([list("3␣oak␣st")], [list("␣3␣␣oak␣st")])
    assert errors.total == 2
    assert errors.words == WordErrors(0, 0, 0, 3)
    errors = character_errors([list("3␣oak␣st"), list("a")], [list("3oak␣st"), []])
    assert (errors.cer, errors.words.wer) == (pytest.approx(200 / 9), 75.0)


def test_every_error_is_counted_where_sclite_would_pass_over_it():
    found = score({"a": list(";b*")}, {"a": list("@B*")}, "characters")
    assert found.utterances["a"] == (1, 2, 0, 0)
    assert score({"a": ["b"]}, {"a": ["@", "b"]}, "plain").counts["err"] == 0
    assert score({"a": ["b"]}, {"a": ["@", "b"]}, "characters").counts["err"] == 1


def test_lists_and_files_score_the_same(tmp_path):
    signed, recognized = random_phrases(3), random_phrases(4)
    rows = [
        CtmRow(clip, 0.5 * n, 0.5, gloss)
        for clip, glosses in recognized.items()
        for n, gloss in enumerate(glosses)
    ]
    write_ctm(tmp_path / "hyp.ctm", rows)
    stm = [StmRow(clip, tuple(row), "anna") for clip, row in signed.items()]
    write_stm(tmp_path / "ref.stm", stm)
    files = score_files(tmp_path / "hyp.ctm", tmp_path / "ref.stm", "characters")
    lists = score(recognized, signed, "characters")
    assert files.utterances == lists.utterances
    assert files.characters == lists.characters


def test_reports_name_the_cer_and_what_goes_with_it(tmp_path):
    signed = {"a": list("go␣on"), "b": list("ab")}
    signers = {"a": "anna", "b": "bert"}
    found = score({"a": list("go␣in"), "b": list("ab")}, signed, "characters", signers)
    lines = describe(found).splitlines()
    assert lines[0].startswith(
        "CER 14.3 % by the rules characters: 1 errors in 7 characters (1 substitutions"
    )
    said = "1 - normalised Levenshtein distance 0.8571; WER 33.3 % of 3 words"
    assert lines[1] == said
    assert lines[2].split() == ["signer", "clips", "characters", "CER", "S", "D", "I"]
    write_report(tmp_path, found, "phrases", {})
    html = (tmp_path / "report.html").read_text()
    assert said in html
    assert "14.3 % CER" in html
    assert "Counted with the fewest errors" in html
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["characters"]["levenshtein_score"] == pytest.approx(6 / 7, abs=1e-5)
    assert scores["characters"]["words"]["wer"] == pytest.approx(100 / 3, abs=1e-3)
    plain = score({"a": ["A"]}, {"a": ["A"]}, "plain")
    assert plain.characters is None
    assert "characters" not in plain.to_dict()


def test_dict_and_back_is_the_same():
    errors = character_errors([list("go␣on")], [list("go")])
    assert isinstance(errors_from_dict(errors.to_dict()), CharacterErrors)
    assert errors_from_dict(errors.to_dict()) == errors
    plain = WordErrors(3, 2, 1, 40)
    assert errors_from_dict(plain.to_dict()) == plain
