import doctest

import pytest

from dtf_keras.evaluation import ScoringError, align, alternation, word_alignment


def kinds(reference, hypothesis):
    return "".join(pair.kind for pair in align(reference.split(), hypothesis.split()))


@pytest.mark.parametrize("module", [word_alignment, alternation])
def test_docstring_examples_hold(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("", "", ""),
        ("", "A B", "II"),
        ("A B", "", "DD"),
        ("A B C", "A B C", "CCC"),
        ("A B C", "A X C", "CSC"),
        # One substitution (4) is cheaper than a deletion and an insertion (6) ...
        ("A", "B", "S"),
        # ... and two of them (8) are dearer.
        ("A B", "B A", "DCI"),
        ("A B A A", "B A", "DCDC"),
    ],
)
def test_errors_are_those_of_the_costs_of_sclite(reference, hypothesis, expected):
    assert kinds(reference, hypothesis) == expected


def test_pairs_keep_the_glosses_as_they_were_written():
    assert align(["Rain", "NOW"], ["RAIN", "SOON", "NOW"]) == [
        ("C", "Rain", "RAIN"),
        ("I", None, "SOON"),
        ("C", "NOW", "NOW"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("rain", "RAIN", True),
        ("SÜD", "süD", False),
        ("INDEX*", "INDEX", True),
        ("*", "*", True),
        ("RAIN;heavy", "RAIN", True),
        (r"A\B", "AB", True),
        ("(RAIN)", "RAIN", False),
    ],
)
def test_words_are_compared_by_their_spelling(one, other, equal):
    assert kinds(one, other) == ("C" if equal else "S")


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("A { B / X } C", "A X C", "CCC"),
        ("A { B / X } C", "A B C", "CCC"),
        ("A { B / X } C", "A Y C", "CSC"),
        ("A { B / @ }", "A", "C"),
        ("A { B / @ }", "A Y", "CI"),
        ("{ A B / C { D / E } } F", "C E F", "CCC"),
        ("{ A B / C { D / E } } F", "F", "DDC"),
        ("{A/B}C", "B C", "CC"),
        ("A/B", "A/B", "C"),
        ("A @ B", "A B", "CC"),
        ("A B", "A @ B", "CC"),
    ],
)
def test_the_alternative_that_fits_best_is_taken(reference, hypothesis, expected):
    assert kinds(reference, hypothesis) == expected


@pytest.mark.parametrize("reference", ["{ A", "A }", "A { B / } C", "{ }", "} {"])
def test_braces_that_do_not_fit_are_refused(reference):
    with pytest.raises(ScoringError, match=r"do not fit|empty alternative"):
        align(reference.split(), ["A"])
