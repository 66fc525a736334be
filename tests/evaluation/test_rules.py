import doctest

import pytest

from dtf_keras import data
from dtf_keras.evaluation import RULES, ScoringError, phoenix, rules, score
from dtf_keras.evaluation.phoenix import clean_line, clean_sentence


def test_docstring_examples_hold():
    result = doctest.testmod(phoenix)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("loc-TREE", "TREE"),
        ("NOT-cl-TREE", "NOT-TREE"),
        ("cloc-l-TREE", "TREE"),
        ("TREE-PLUSPLUS-PLUSPLUS", "TREE"),
        ("__EMOTION__TREE", "TREE"),
        ("__LEFT-PLUSPLUSHAND__", None),  # what the deletion puts together
        ("TREE__EPENTHESIS__", None),
        ("__ON__", "__ON__"),
        ("ZEIGEN 0.9", "ZEIGEN-BILDSCHIRM 0.9"),
        ("ZEIGEN\r", "ZEIGEN\r"),
        ("ZEIGEN-PLUSPLUS", "ZEIGEN"),
        ("GARTENRAUM", "GARTEN"),
        ("RAUM", "RAUM"),
        ("TRAUM", "TRAUM"),
        ("id 1 0.0 0.1 B E E", "id 1 0.0 0.1 B+E+E"),
        ("id 1 0.0 0.1 SCH A", "id 1 0.0 0.1 SCH A"),
        ("id 1 0.0 0.1 SCH A B", "id 1 0.0 0.1 SCH+A+B"),
        ("id 1 0.0 0.1 TREE TREE TREE", "id 1 0.0 0.1 TREE"),
        ("id 1 0.0 0.1 TREE-X TREE-X", "id 1 0.0 0.1 TREE-X TREE-X"),
        ("poss-1 1 0.0 0.1 TREE", "1 1 0.0 0.1 TREE"),  # the id too
    ],
)
def test_a_line_is_rewritten_as_by_the_script_of_phoenix2014(line, expected):
    assert clean_line(line) == expected


@pytest.mark.parametrize(
    ("glosses", "expected"),
    [
        ("__ON__ TREE __OFF__", "TREE"),
        ("loc-TREE cl-GREEN", "TREE GREEN"),
        ("poss-TREE", "poss-TREE"),
        ("TREE-PLUSPLUS GARTENRAUM RAUM", "TREE GARTEN RAUM"),
        ("BIRD B E E HONEY", "BIRD B+E+E HONEY"),
        ("TREE TREE", "TREE"),
        ("TREE TREE-PLUSPLUS RED-TREE RED-TREE", "TREE RED-TREE"),
        ("WIE AUSSEHEN", "WIE-AUSSEHEN"),
        ("B __PU__ E", "B E"),
        ("SÜD SÜDEN", "SÜD SÜDEN"),
        ("__ON__", ""),
    ],
)
def test_a_clip_is_rewritten_as_usual_for_phoenix2014t(glosses, expected):
    assert clean_sentence(glosses.split()) == expected.split()


def test_rules_of_phoenix2014t_clean_both_sides():
    signed = {"a": ["__ON__", "loc-TREE", "TREE"]}
    assert score({"a": ["TREE"]}, signed, rules="phoenix2014t").counts["err"] == 0
    assert score({"a": ["TREE"]}, signed, rules="phoenix2014").counts["err"] == 2
    with pytest.raises(ScoringError, match="no glosses"):
        score({"a": []}, {"a": ["__ON__"]}, rules="phoenix2014t")


def test_plain_rules_rewrite_nothing():
    found = score(
        {"a": ["loc-TREE"], "b": []}, {"a": ["TREE"], "b": ["X", "Y"]}, "plain"
    )
    assert found.utterances == {"a": (0, 1, 0, 0), "b": (0, 0, 2, 0)}


def test_every_corpus_has_rules_that_exist():
    assert data.facts("phoenix2014_si5").rules == "phoenix2014"
    assert {data.facts(name).rules for name in data.list()} <= set(RULES)


def test_rules_that_do_not_exist_are_named():
    with pytest.raises(ScoringError, match="'phoenix'; there are phoenix2014, "):
        rules.find_rules("phoenix")
    assert set(RULES) == {"phoenix2014", "phoenix2014t", "plain", "characters"}
