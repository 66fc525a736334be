"""The commands that pull, push and tabulate presets."""

import pytest

from dtf_keras import commands, zoo
from dtf_keras.benchmarks.models import Figures, write_table
from tests.helpers import web_zoo
from tests.helpers.small_presets import GLOSSES, WER, small_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A zoo of one preset, `full_conv`."""
    folder = tmp_path_factory.mktemp("zoo")
    details = zoo.PresetDetails(wer={"dev": WER, "test": WER})
    path = folder / "full_conv"
    zoo.save_preset(small_model("full_conv"), path, glosses=GLOSSES, details=details)
    zoo.write_index(folder)
    return folder


@pytest.fixture
def mirror(folder, monkeypatch, tmp_path):
    """That zoo on a web server, which this machine takes as its mirror."""
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "home"))
    monkeypatch.setattr("dtf_keras.zoo.places.own_zoo", lambda: tmp_path / "none")
    with web_zoo.serve(folder) as server:
        monkeypatch.setenv("DTF_KERAS_MIRROR", server.url)
        yield server


def run(*words):
    return commands.main([str(word) for word in words])


@pytest.mark.parametrize("words", [["full_conv"], ["--all"]])
def test_pull_brings_presets_and_copies_them(mirror, tmp_path, capsys, words):
    assert run("pull", *words, "--to", tmp_path / "mine") == 0
    assert zoo.read_preset(tmp_path / "mine" / "full_conv").glosses == GLOSSES
    out = capsys.readouterr().out
    assert f"MB, verified, in {tmp_path / 'mine' / 'full_conv'}" in out
    assert mirror.url in out
    assert zoo.pull("full_conv").is_relative_to(tmp_path / "home")


@pytest.mark.usefixtures("mirror")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give the presets to pull, or --all"),
        (["full_conv", "--all"], "give the presets to pull, or --all"),
        (["full_conv_v5"], "no preset 'full_conv_v5'"),
    ],
)
def test_pull_says_what_is_wrong(words, message, capsys):
    assert run("pull", *words) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_pull_verifies_a_zoo(folder, tmp_path, capsys):
    assert run("pull", "--verify", "--zoo", folder) == 0
    assert "full_conv: sound" in capsys.readouterr().out
    path = zoo.pull(folder / "full_conv", to=tmp_path)
    (path / "README.md").write_text("other")
    zoo_words = ["--zoo", tmp_path]
    assert run("pull", "--verify", *zoo_words) == 1
    assert "README.md is not the file" in capsys.readouterr().err


def test_pull_renews_a_zoo_in_place(folder, tmp_path, capsys):
    path = zoo.pull(folder / "full_conv", to=tmp_path)
    weights = (path / "model.weights.h5").read_bytes()
    assert run("pull", "--renew", "--zoo", tmp_path) == 0
    assert "full_conv: in format 3" in capsys.readouterr().out
    assert zoo.read_preset(path).weights.read_bytes() == weights
    assert run("pull", "--renew") == 1
    assert "the folder of presets to renew with --zoo" in capsys.readouterr().err


@pytest.mark.usefixtures("mirror")
def test_what_is_pulled_can_be_verified_and_pulled_again(tmp_path, capsys):
    words = ["--all", "--to", tmp_path / "mine"]
    assert run("pull", *words) == 0
    assert run("pull", *words) == 0
    assert run("pull", "--verify", "--zoo", tmp_path / "mine", "full_conv") == 0
    assert "full_conv: sound" in capsys.readouterr().out
    assert run("pull", "--verify", "--zoo", tmp_path / "mine", "fullconv") == 1
    assert "Did you mean full_conv?" in capsys.readouterr().err


def test_push_says_what_is_wrong(folder, tmp_path, capsys):
    assert run("push", tmp_path, "deaf/reader") == 1
    assert "is not the folder of a preset" in capsys.readouterr().err


def test_leaderboard_writes_the_table_into_the_readme(folder, tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- results:begin -->\n<!-- results:end -->\nb\n")
    here = ["--readme", readme, "--models", tmp_path / "models.csv", "--docs", tmp_path]
    assert run("leaderboard", "--zoo", folder, *here) == 0
    assert "| `full_conv` | " in readme.read_text()
    assert run("leaderboard", "--zoo", tmp_path, *here) == 1
    assert "No preset" in capsys.readouterr().err


def test_leaderboard_writes_the_tables_of_models_where_their_marks_are(
    folder, tmp_path
):
    readme, page = tmp_path / "README.md", tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    readme.write_text("<!-- results:begin -->\n<!-- results:end -->\n")
    page.write_text("<!-- speeds:begin -->\n<!-- speeds:end -->\nafter\n")
    said = ["vac", "forward", "jax", "a card", "float32", 1, 32, "224x224", 1.0, 1296]
    row = Figures(*said, 34294880, 2.0401, 912.5, 0.4, 1.5, "keras 3.15", "2026-11-27")
    write_table(tmp_path / "models.csv", [row])
    here = ["--readme", readme, "--docs", page.parent]
    measured = ["--models", tmp_path / "models.csv"]
    assert run("leaderboard", "--zoo", folder, *here, *measured) == 0
    assert (
        "| `vac` | 224 x 224 | 34,294,880 | 2.0401 | jax | 912.5 |" in page.read_text()
    )
    assert page.read_text().endswith("after\n")
    page.write_text("<!-- speeds:begin -->\n")
    assert run("leaderboard", "--zoo", folder, *here, *measured) == 1
