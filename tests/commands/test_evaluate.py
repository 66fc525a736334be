import pathlib
import subprocess
import sys

import pytest

from dtf_keras import commands
from dtf_keras.commands.evaluate import main

INVENTED = pathlib.Path(__file__).parents[1] / "evaluation" / "invented"
HYP, REF = str(INVENTED / "hyp.ctm"), str(INVENTED / "ref.stm")
FILES = ["--hyp", HYP, "--ref", REF]


def test_files_are_scored_by_the_rules_of_phoenix2014(capsys):
    assert main(FILES) == 0
    out = capsys.readouterr().out
    assert "WER 37.5 % by the rules phoenix2014: 15 errors in 40 glosses" in out
    assert "(5 substitutions, 7 deletions, 3 insertions)" in out
    assert "69.2 % of 13 clips" in out


def test_files_alone_write_a_report_where_they_are_told(tmp_path, capsys):
    out = tmp_path / "report"
    assert commands.main(["evaluate", *FILES, "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    names = sorted(path.name for path in out.iterdir())
    assert names == ["report.html", "report.txt", "scores.json"]


def test_scoring_files_imports_no_deep_learning_framework():
    code = (
        "import sys; from dtf_keras.commands.evaluate import main; "
        f"status = main({FILES!r}); "
        "names = ('keras', 'tensorflow', 'torch', 'jax', 'matplotlib'); "
        "print(status, [name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "there is nothing to score"),
        (["--model", "full_conv"], "there is nothing to score"),
        (["--hyp", HYP], "--hyp and --ref go together"),
        (
            ["--hyp", HYP, "--ref", REF, "--width", "1"],
            "--width does not go with --hyp",
        ),
        ([*FILES, "--split", "test"], "--split does not go with --hyp"),
        ([*FILES, "--root", "x"], "--root does not go with --hyp"),
        ([*FILES, "--decoder.strategy", "beam"], "--decoder does not go with --hyp"),
        (["--hyp", "nowhere.ctm", "--ref", REF], "no file nowhere.ctm"),
        (["--hyp", REF, "--ref", HYP], "hyp.ctm, line 1: expected"),
        ([*FILES, "--rules", "plain"], "hyp.ctm, line 13"),
        (["--run", "nowhere"], "nowhere is not a run folder"),
        (["--model", "full_conv", "--weights", "nowhere"], "no weights file nowhere"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(argv, message, capsys):
    assert main(argv) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
