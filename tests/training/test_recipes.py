import dataclasses

import keras
import pytest

from dtf_keras import data, models, training
from dtf_keras.training import RunConfig, RunFolder, SettingError, recipes
from dtf_keras.training.run.parts import make_model

TINY = {
    "data": "coloured_frames",
    "width": 0.0625,
    "num_clips": 8,
    "num_eval_clips": 1,
    "epochs": 1,
    "warmup_steps": 0,
}


def test_every_row_of_the_source_has_its_recipe():
    v5 = ["frozen_backbone", "scratch", "scratch_no_residual", "len_video"]
    assert recipes.list() == [
        "full_conv",
        "full_conv/len_video",
        "full_conv_v3/finetune",
        *[f"full_conv_v5/{recipe}" for recipe in v5],
        *["full_conv_v6", "full_conv_v6/residual", "full_conv_v7", "full_conv_v8"],
        *["full_conv_v9", "full_conv_v10", "full_conv_v11"],
    ]
    assert {recipes.entry(name).model for name in recipes.list()} == set(models.names())


@pytest.mark.parametrize("name", recipes.list())
def test_a_recipe_is_a_run_on_either_kind_of_corpus(name):
    recipe = recipes.entry(name)
    for config in (recipes.get(name), recipes.get(name, "phoenix2014")):
        assert training.RunConfig.from_dict(config.to_dict()) == config
        models.make_config(config.model, **config.options)
        assert bool(config.init_from) == bool(recipe.starts_from)
        assert config.ctc_lengths == "true"
    assert config.data == "phoenix2014"
    settings = ("learning_rate", "milestones", "milestone_factor", "clip_norm")
    assert [getattr(config, setting) for setting in settings] == [
        1e-4,
        (40, 60),
        0.5,
        5,
    ]
    settings = ("weight_decay", "seed", "batch_size", "decoder", "beam_width", "width")
    assert [getattr(config, setting) for setting in settings] == [
        *(1e-4, 8, 2, "beam", 5, 1)
    ]
    text = recipes.describe(name, "phoenix2014")
    wers = models.entry(recipe.model).source.wer
    reported = [f"{wers[row]} % ({row})" for row in recipe.source_rows] or ["none"]
    assert f"source WER  {', '.join(reported)};" in text
    assert str(recipe.starts_from or "none") in text


@pytest.mark.parametrize("model", models.names())
def test_every_figure_of_the_source_belongs_to_a_recipe(model):
    found = [recipes.entry(name) for name in recipes.list()]
    rows = [row for one in found if one.model == model for row in one.source_rows]
    assert sorted(rows) == sorted(models.entry(model).source.wer)


@pytest.mark.parametrize(
    "name", [name for name in recipes.list() if not recipes.entry(name).starts_from]
)
def test_from_scratch_on_the_embedded_corpus_a_recipe_is_the_default_run(name):
    recipe = recipes.entry(name)
    run = RunConfig(model=recipe.model, options=recipe.options)
    assert recipes.get(name).differences(run) == []
    assert name in recipes.names_of(run)
    assert name in recipes.names_of(dataclasses.replace(run, root="there", seed=2))
    assert recipes.names_of(dataclasses.replace(run, epochs=99)) == []


def test_recorded_corpora_begin_with_the_settings_of_the_source():
    assert recipes.base("fingerspelling") == RunConfig()
    assert recipes.base("phoenix2014_si5").data == "phoenix2014_si5"
    own = {name for name in data.list() if "fingerspelling" not in name}
    assert {recipes.base(name).frame_size for name in own} == {112}
    assert {recipes.base(name).batch_size for name in own} == {2}


def test_what_a_recipe_gives_is_the_callers_own():
    recipes.get("full_conv_v3/finetune").layer_rates["backbone"] = 7
    assert recipes.get("full_conv_v3/finetune").layer_rates["backbone"] == 0.1


def test_a_recipe_that_is_not_there_is_said_with_the_closest():
    with pytest.raises(SettingError, match="Did you mean full_conv_v5/len_video"):
        recipes.get("full_conv_v5/len-video")


@pytest.fixture
def eager_tensorflow():
    """A step is over sooner than TensorFlow has compiled it."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"residual": "yes"}, "residual must be true or false"),
        ({"window": 0}, "window must be at least 1"),
        ({"windows": 4}, "no option 'windows'"),
        ({"frame_size": 64}, "the run sets it"),
    ],
)
def test_options_that_cannot_be_are_a_setting_error(options, message):
    with pytest.raises(SettingError, match=message):
        make_model(RunConfig(options=options), 5)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config")
@pytest.mark.usefixtures("small_config", "eager_tensorflow")
def test_recipes_that_start_from_another_train(tmp_path, capsys):
    start = dataclasses.replace(recipes.get("full_conv"), **TINY)
    first = RunFolder(tmp_path / "first")
    first.write_config(start, {})
    make_model(start, 5).save_weights(first.best_weights)
    tiny = {**TINY, "init_from": str(first.path)}

    finetune = recipes.get("full_conv_v3/finetune")
    run = training.fit(dataclasses.replace(finetune, **tiny), tmp_path / "finetune")
    made_with = run.read_metrics()["made_with"]
    assert "classifier" in made_with["initial_weights"]["loaded"]
    assert "not loaded: attention (not in the file)" in capsys.readouterr().out

    frozen = recipes.get("full_conv_v5/frozen_backbone")
    run = training.fit(dataclasses.replace(frozen, **tiny), tmp_path / "frozen")
    loaded = run.read_metrics()["made_with"]["initial_weights"]["loaded"]
    assert {path.partition("/")[0] for path in loaded} == {"backbone"}
    metrics = run.read_metrics()
    assert metrics["trainable_parameters"] < 0.7 * metrics["parameters"]
    assert run.read_config()[0].freeze == ("backbone",)


@pytest.mark.usefixtures("small_config")
def test_a_recipe_without_its_start_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = recipes.get("full_conv_v5/frozen_backbone", "coloured_frames")
    with pytest.raises(FileNotFoundError, match="--recipe full_conv --data coloured"):
        training.fit(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
