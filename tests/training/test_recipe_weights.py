"""A recipe that starts from another one finds that one's weights."""

import dataclasses
import shlex

import pytest

from dtf_keras import data
from dtf_keras.commands.fit import parse
from dtf_keras.input_format import InputFormat
from dtf_keras.training import RunConfig, RunFolder, SettingError, recipes
from dtf_keras.training.run.initial_weights import find_weights, start_from
from tests.helpers import small

GLOSSES = data.Vocabulary("ABCDE")  # of no preset of the zoo
LETTERS = data.Vocabulary("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
FINETUNE = recipes.get("full_conv_v3/finetune")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def finished_run(path, config):
    run = RunFolder(path)
    run.write_config(config, InputFormat(32, 32), {})
    run.metrics.write_text("{}")
    run.best_weights.write_text("weights")
    return run.best_weights


def find(config, glosses=GLOSSES, beside=None):
    return find_weights(config, glosses, beside).path.resolve()


def test_it_is_the_finished_run_of_the_recipe(tmp_path):
    of_recipe = recipes.get("full_conv")
    with pytest.raises(FileNotFoundError, match=r"--data fingerspelling`.*--init-from"):
        find(FINETUNE)
    finished_run("runs/larger", dataclasses.replace(of_recipe, batch_size=9))
    finished_run("runs/v5", recipes.get("full_conv_v5/scratch"))
    with pytest.raises(FileNotFoundError, match=r"runs/larger has another batch_size"):
        find(FINETUNE)
    weights = finished_run(tmp_path / "runs/all/full_conv", of_recipe)
    assert find(FINETUNE) == weights
    assert find(FINETUNE, LETTERS) == weights  # before the zoo's preset
    small_one = dataclasses.replace(FINETUNE, width=0.0625, num_clips=8)
    with pytest.raises(FileNotFoundError, match=r"--width 0\.0625 --num-clips 8"):
        find(small_one)
    settings = {"width": 0.0625, "num_clips": 8, "root": "elsewhere"}
    beside = dataclasses.replace(of_recipe, **settings)
    weights = finished_run(tmp_path / "other/full_conv", beside)
    assert find(small_one, beside=tmp_path / "other/v3") == weights
    with pytest.raises(SettingError, match="no recipe 'full_con'"):
        find(RunConfig(init_from="recipe:full_con"))


def test_that_run_may_have_learnt_longer_or_at_another_pace(tmp_path):
    other = {"seed": 7, "epochs": 99, "warmup_steps": 0, "schedule": "step"}
    run = dataclasses.replace(recipes.get("full_conv"), milestones=(5,), **other)
    weights = finished_run(tmp_path / "runs/longer", run)
    assert find(FINETUNE) == weights


def test_the_command_that_is_suggested_makes_what_is_wanted(tmp_path):
    wanted = dataclasses.replace(
        FINETUNE,
        num_clips=8,
        num_eval_clips=4,
        epochs=1,
        warmup_steps=0,
        milestones=(2, 3),
        batch_size=4,
        data_options={"speed": "a b"},
        root=str(tmp_path / "my corpus"),
    )
    with pytest.raises(FileNotFoundError) as caught:
        find(wanted, LETTERS)
    words = shlex.split(str(caught.value).split("`")[1])
    assert words[:2] == ["python", "scripts/fit.py"]
    run = parse(words[2:]).run
    assert (run.epochs, run.warmup_steps, run.milestones) == (1, 0, (2, 3))
    assert (run.batch_size, run.root) == (8, wanted.root)
    weights = finished_run(tmp_path / "runs/it", run)
    assert find(wanted, LETTERS) == weights


@pytest.mark.parametrize(
    "recipe", ["full_conv_v3/finetune", "full_conv_v5/frozen_backbone"]
)
def test_on_a_fresh_machine_it_is_the_zoos_preset(recipe):
    config = dataclasses.replace(recipes.get(recipe), num_clips=8, epochs=1, seed=4)
    found = find_weights(config, LETTERS)
    assert found.preset == "full_conv"
    model = small.build(config.model, num_classes=27, width=config.width)
    lines = []
    start = start_from(model, config, found, LETTERS, lines.append)
    assert lines[0].endswith("taking the zoo's preset full_conv.")
    assert start["preset"] == "full_conv"
    assert "classifier" in start["loaded"] or config.init_layers == ("backbone",)


@pytest.mark.parametrize(
    ("settings", "glosses"),
    [
        ({}, GLOSSES),
        ({"width": 0.125}, LETTERS),
        ({"frame_size": 64}, LETTERS),
        ({"data": "fingerspelling_si"}, LETTERS),
    ],
)
def test_a_preset_that_does_not_fit_is_left_alone(settings, glosses):
    with pytest.raises(FileNotFoundError, match="nor the zoo a preset that fits"):
        find(dataclasses.replace(FINETUNE, **settings), glosses)


def test_a_run_written_before_an_option_was_there_counts_as_the_default(tmp_path):
    old = '{"model": "full_conv", "options": {}, "width": 0.25, "epochs": 12}'
    run = RunFolder(tmp_path)
    run.config.write_text(old)
    assert recipes.get("full_conv").differences(run.read_config().config) == []
