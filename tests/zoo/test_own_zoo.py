"""The presets that the package ships."""

import json
import pathlib
import tomllib

import pytest

import dtf_keras
from dtf_keras import models, zoo
from dtf_keras.zoo.card import model_card
from dtf_keras.zoo.index import read_index
from dtf_keras.zoo.leaderboard import read_results, results_table
from dtf_keras.zoo.marked_table import marks
from dtf_keras.zoo.places import own_zoo
from dtf_keras.zoo.upgrade import FORMAT

ROOT = pathlib.Path(dtf_keras.__file__).parents[1]
SHIPPED = ROOT / "zoo"


def test_every_preset_is_sound_and_the_index_agrees():
    assert zoo.verify(SHIPPED, say=lambda line: None) == []


def test_every_preset_is_of_a_model_and_has_results():
    index = read_index(SHIPPED)
    assert len(index) >= 12
    for name, entry in index.items():
        assert entry["model"] in models.names()
        assert name not in models.names() or entry["model"] == name
        assert entry["wer"].keys() == {"dev", "test"}


@pytest.mark.parametrize("name", models.names())
def test_a_model_has_a_default_preset_or_says_that_it_has_none(name, monkeypatch):
    monkeypatch.setattr("dtf_keras.zoo.places.own_zoo", lambda: SHIPPED)
    if name in read_index(SHIPPED):
        assert zoo.get(name).glosses
        return
    with pytest.raises(zoo.PresetError, match=r"weights=None gives fresh weights"):
        zoo.get(name)


@pytest.mark.parametrize(
    ("name", "figures"),
    [("full_conv", [29.2, 27.2, 27.5]), ("full_conv_v9", [26.0, 23.8])],
)
def test_the_card_has_every_figure_of_the_sources_row(name, figures):
    recipes = zoo.read_preset(SHIPPED / name).metadata["source_recipes"]
    assert [one.wer for one in models.reported(name)] == figures
    assert [one.recipe for one in models.reported(name)] == recipes
    card = (SHIPPED / name / "README.md").read_text("utf-8")
    measured, reported = card.split("## Reported by the source, not measured here")
    for figure in figures:
        assert f"{figure} %" in reported
        assert f"{figure} %" not in measured


def test_cards_and_index_are_those_that_this_version_writes():
    assert json.loads((SHIPPED / "index.json").read_text("utf-8"))["format"] == FORMAT
    for name in read_index(SHIPPED):
        preset = zoo.read_preset(SHIPPED / name)
        config = json.loads((preset.path / "config.json").read_text("utf-8"))
        assert (config, config["format"]) == (preset.config, FORMAT)
        card = (preset.path / "README.md").read_text("utf-8")
        assert card == model_card(preset.metadata, preset.config)


def test_the_table_of_the_readme_is_that_of_the_presets():
    readme = (ROOT / "README.md").read_text("utf-8")
    begin, end = marks("results")
    assert f"{begin}\n{results_table(read_results(SHIPPED))}\n{end}" in readme


def test_the_whole_zoo_is_small():
    sizes = [file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()]
    assert sum(sizes) < 60e6


def test_the_wheel_has_the_zoo_where_the_package_looks(monkeypatch, tmp_path):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"zoo": "dtf_keras/_zoo"}
    monkeypatch.setattr("dtf_keras.files._PACKAGE", tmp_path / "dtf_keras")
    assert own_zoo() == tmp_path / "zoo"
    (tmp_path / "dtf_keras" / "_zoo").mkdir(parents=True)
    assert own_zoo() == tmp_path / "dtf_keras" / "_zoo"


def test_the_shipped_presets_name_the_letters():
    for name in read_index(SHIPPED):
        letters = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        assert zoo.read_preset(SHIPPED / name).glosses == letters
