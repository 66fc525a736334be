import pytest

from dtf_keras.zoo.leaderboard import read_results, results_table


def result(name, dev, test, seeds=(), model="full_conv_v7", recipes=(), unseen=None):
    def wer(errors):
        return {
            "wer": float(errors),
            "substitutions": errors - 3,
            "deletions": 2,
            "insertions": 1,
            "reference_glosses": 100,
        }

    return {
        "name": name,
        "model": model,
        "wer": {"dev": wer(dev), "test": wer(test)},
        "parameters": 12345,
        "seeds": [{"seed": s, "dev": d, "test": t} for s, d, t in seeds],
        "source_recipes": recipes,
        "unseen": unseen or {},
    }


def test_table_has_a_row_a_preset_the_best_dev_first():
    seeds = [(1, 30.0, 20.0), (2, 33.3, 19.0), (3, 31.0, 21.0)]
    rows = results_table(
        [
            result("a", 40, 5, [(1, 40, 5)]),
            result("b", 30, 20, seeds, "full_conv_v6", ["residual"]),
        ]
    ).splitlines()
    assert rows[2] == (
        "| `b` | 12,345 |  |  |  | 30.0 % | 27.0 / 2.0 / 1.0 | 20.0 % "
        "| 3: 30.0–33.3; 19.0–21.0 % | 38.7 (residual) |"
    )
    assert rows[3].startswith("| `a` |")
    assert rows[3].endswith("| 1 seed | none |")
    assert len({row.count("|") for row in rows}) == 1


def test_who_was_measured_on_unseen_signers_stands_first():
    unseen = {
        "agreeing": {"ase": {"wer": 4.0}, "gsg": {"wer": 9.0}},
        "all": {"ase": {"wer": 10.0}, "gsg": {"wer": 20.0}},
        "fingerspelling_si": {"dev": {"wer": 2.0}, "test": {"wer": 3.0}},
    }
    rows = results_table(
        [result("a", 10, 10), result("b", 50, 50, unseen=unseen)]
    ).splitlines()
    assert rows[2].startswith(
        "| `b` | 12,345 | 6.5 % (worst 9.0) | 15.0 % (worst 20.0) | 2.0; 3.0 % |"
    )


def test_results_are_those_of_the_presets(small_zoo, tmp_path):
    found = [metadata["name"] for metadata in read_results(small_zoo)]
    assert found == ["full_conv", "full_conv_v6", "full_conv_v6_residual"]
    with pytest.raises(FileNotFoundError, match=r"preset\.py"):
        read_results(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        read_results(tmp_path / "nowhere")
