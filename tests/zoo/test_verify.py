import shutil

import pytest

from dtf_keras import zoo
from dtf_keras.zoo.index import read_index


@pytest.fixture
def copy(small_zoo, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(small_zoo, folder)
    return folder


def test_a_sound_zoo_has_no_problems(small_zoo):
    lines = []
    assert zoo.verify(small_zoo, lines.append) == []
    assert lines == [f"{name}: sound" for name in sorted(read_index(small_zoo))]


def test_every_problem_is_found(copy, capsys):
    (copy / "full_conv" / "glosses.txt").write_text("A\n")
    shutil.rmtree(copy / "full_conv_v6")
    shutil.move(copy / "full_conv_v6_residual", copy / "renamed")
    text = "\n".join(zoo.verify(copy))
    assert "lists full_conv_v6, which is not there" in text
    assert "glosses.txt is not the file that was published" in text
    assert "is named 'full_conv_v6_residual': rename one" in text


def test_only_the_named_presets_are_verified(copy):
    shutil.rmtree(copy / "full_conv_v6")
    lines = []
    assert zoo.verify(copy, lines.append, ["full_conv"]) == []
    assert lines == ["full_conv: sound"]
    (missing, unknown) = zoo.verify(copy, names=["full_conv_v6", "full_con"])
    assert "lists full_conv_v6, which is not there" in missing
    assert "no preset 'full_con'. Did you mean full_conv" in unknown


def test_an_index_of_older_presets_is_a_problem(copy):
    index = copy / "index.json"
    index.write_text(index.read_text().replace("30.0", "3.0", 1))
    (problem,) = zoo.verify(copy)
    assert "index.json does not agree" in problem
    zoo.write_index(copy)
    assert zoo.verify(copy) == []
    index.write_text("[]")
    assert "is not the index of a zoo" in zoo.verify(copy)[0]


def test_an_empty_zoo_is_a_problem(tmp_path):
    assert zoo.verify(tmp_path) == [f"There is no preset in {tmp_path}."]
