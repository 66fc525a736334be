"""What the official evaluation of PHOENIX-2014 answered, in the folder `shared`.

The annotations are not the project's to give: without the folder the tests skip.
"""

import json
import pathlib

import pytest

from dtf_keras.evaluation import ScoringError, score_files

FOLDER = pathlib.Path(__file__).parents[3] / "shared" / "evaluation"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"there is no folder {FOLDER} with official answers"
)
SETS = sorted(path.name.split(".")[0] for path in FOLDER.glob("ctm/*.ctm.gz"))
MICRO = FOLDER / "expected" / "micro.json"
CASES = json.loads(MICRO.read_text(encoding="utf-8")) if MICRO.is_file() else []


def check(found, expected):
    utterances = {clip: list(counts) for clip, counts in found.utterances.items()}
    assert utterances == expected["utts"]
    assert found.counts == expected["counts"]
    assert found.percent == expected["percent"]
    cleaned = {clip: " ".join(words) for clip, words in found.hypotheses.items()}
    words = expected["cleaned"].items()
    assert cleaned == {c: w if isinstance(w, str) else " ".join(w) for c, w in words}


def test_all_sets_and_cases_are_there():
    assert (len(SETS), len(CASES)) == (19, 37)


@pytest.mark.parametrize("name", SETS)
def test_a_set_scores_as_officially(name):
    path = FOLDER / "expected" / f"{name}.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    stm = FOLDER / "stm" / pathlib.Path(expected["stm"]).name
    found = score_files(FOLDER / "ctm" / f"{name}.ctm.gz", stm)
    check(found, expected)
    if "per_speaker" in expected:
        assert found.speakers == expected["per_speaker"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_scores_or_fails_as_officially(case, tmp_path):
    for name in ("ctm", "stm"):
        (tmp_path / name).write_bytes(case[name].encode())
    if case["expected"].get("official_failed"):
        with pytest.raises(ScoringError):
            score_files(tmp_path / "ctm", tmp_path / "stm")
    else:
        check(score_files(tmp_path / "ctm", tmp_path / "stm"), case["expected"])
