import dataclasses
import json

import pytest

from dtf_keras.commands.leaderboard import main
from dtf_keras.training import SettingError
from dtf_keras.training.leaderboard import results_table, run_all, write_table

MARKS = "# Title\n\n<!-- results:begin -->\nold\n<!-- results:end -->\n\nafter\n"


def result(model, dev, test):
    def wer(errors):
        return {
            "wer": float(errors),
            "substitutions": errors - 3,
            "deletions": 2,
            "insertions": 1,
            "reference_glosses": 100,
        }

    return {
        "model": model,
        "wer": {"dev": wer(dev), "test": wer(test)},
        "trainable_parameters": 12345,
    }


def test_table_has_a_row_a_model_the_best_first():
    rows = results_table([result("a", 40, 50), result("b", 30, 20)]).splitlines()
    assert rows[2] == "| `b` | 12,345 | 30.0 % | 27.0 / 2.0 / 1.0 | 20.0 % |"
    assert rows[3].startswith("| `a` |")
    assert len({row.count("|") for row in rows}) == 1


def test_only_what_is_between_the_marks_is_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(MARKS)
    write_table(readme, "| new |")
    assert readme.read_text() == MARKS.replace("old", "| new |")
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="results:begin"):
        write_table(readme, "| new |")
    assert readme.read_text() == "no marks"


def test_without_run_the_table_comes_from_the_data_file(tmp_path, capsys):
    readme, results = tmp_path / "README.md", tmp_path / "results.json"
    readme.write_text(MARKS)
    argv = ["--readme", str(readme), "--results", str(results)]
    assert main(argv) == 1
    assert "make them with --run" in capsys.readouterr().err
    results.write_text(json.dumps([result("a", 40, 50)]))
    assert main(argv) == 0
    assert "| `a` |" in readme.read_text()


@pytest.mark.usefixtures("small_model")
def test_finished_runs_are_skipped_and_other_settings_are_refused(
    small_config, tmp_path
):
    config = dataclasses.replace(small_config, epochs=1)
    first = run_all([config], tmp_path)
    written = (tmp_path / config.model / "metrics.json").stat().st_mtime_ns
    assert run_all([config], tmp_path) == first
    assert (tmp_path / config.model / "metrics.json").stat().st_mtime_ns == written
    with pytest.raises(SettingError, match="another seed"):
        run_all([dataclasses.replace(config, seed=9)], tmp_path)
