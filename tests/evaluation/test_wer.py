import doctest
import subprocess
import sys

import pytest

from dtf_keras.evaluation import WordErrors, wer, word_errors


def test_docstring_examples_hold():
    result = doctest.testmod(wer)
    assert result.attempted
    assert not result.failed


def test_errors_are_summed_over_clips_before_they_are_divided():
    errors = word_errors([["A"], ["A"] * 9], [["B"], ["A"] * 9])
    assert errors == WordErrors(1, 0, 0, reference_glosses=10)
    assert errors.wer == 10.0


def test_empty_hypothesis_is_all_deletions():
    assert word_errors([["A", "B"]], [[]]) == WordErrors(0, 2, 0, 2)


def test_empty_reference_counts_its_insertions():
    errors = word_errors([[], ["A"]], [["B", "C"], ["A"]])
    assert errors == WordErrors(0, 0, 2, 1)
    assert errors.wer == 200.0


def test_without_any_reference_gloss_wer_is_zero_or_infinite():
    assert word_errors([], []).wer == 0
    assert word_errors([[]], [[]]).wer == 0
    assert word_errors([[]], [["A"]]).wer == float("inf")


def test_glosses_with_spaces_and_case_are_compared_whole():
    assert word_errors([["NOT NOW"]], [["NOT NOW"]]).total == 0
    assert word_errors([["NOT NOW"]], [["NOT", "NOW"]]).total == 2
    assert word_errors([["IX"]], [["ix"]]).total == 1
    assert word_errors([[" A"]], [["A"]]).total == 1


def test_dict_and_back_is_the_same():
    errors = WordErrors(3, 2, 1, 40)
    assert errors.to_dict()["wer"] == 15.0
    assert WordErrors.from_dict(errors.to_dict()) == errors


def test_lists_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="2 references and 1 hypotheses"):
        word_errors([["A"], ["B"]], [["A"]])


def test_a_string_in_place_of_glosses_is_refused():
    with pytest.raises(TypeError, match="list of glosses"):
        word_errors(["A B"], [["A", "B"]])


def test_importing_evaluation_imports_no_deep_learning_framework():
    code = (
        "import sys, dtf_keras.evaluation; "
        "names = ('keras', 'tensorflow', 'torch', 'jax'); "
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
