import dataclasses

import keras
import pytest

from dtf_keras import data, models, training
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.training import RunConfig, RunFolder, SettingError, recipes
from dtf_keras.training.run.corpora import training_batches
from dtf_keras.training.run.model import compile_model, make_model
from dtf_keras.training.run.optimisation import L2Adam

TINY = {
    "data": "coloured_frames",
    "width": 0.0625,
    "num_clips": 8,
    "num_eval_clips": 1,
    "epochs": 1,
    "warmup_steps": 0,
}


NAMES = [name for name in recipes.list() if recipes.entry(name).model in models.names()]
SETTINGS = {  # of recorded signing, by the source of the model
    "dynamic_temporal_fusion": RunConfig(
        width=1.0,
        frame_size=112,
        epochs=90,
        batch_size=2,
        seed=8,
        learning_rate=1e-4,
        schedule="step",
        milestones=(40, 60),
        milestone_factor=0.5,
        warmup_steps=0,
        clip_norm=5.0,
        weight_decay=1e-4,
        decoder=DecoderOptions("beam", 5, merge_repeated_glosses=True),
    ),
    "vac": RunConfig(
        width=1.0,
        frame_size=224,
        epochs=40,
        batch_size=2,
        seed=0,
        learning_rate=1e-4,
        schedule="step",
        milestones=(20, 35),
        milestone_factor=0.2,
        warmup_steps=0,
        clip_norm=0.0,
        l2=1e-4,
        decoder=DecoderOptions("beam", 10, merge_repeated_glosses=True),
    ),
}
SETTINGS |= dict.fromkeys(["smkd", "mltsf", None], SETTINGS["vac"])
SETTINGS["corrnet"] = dataclasses.replace(
    SETTINGS["vac"], precision="mixed_float16", freeze_norm_scales=True
)
LONG = dataclasses.replace(SETTINGS["corrnet"], epochs=80, milestones=(40, 60))
SETTINGS["corrnet_plus"] = LONG
SETTINGS |= dict.fromkeys(
    ["sen", "tlp", "slowfast"], dataclasses.replace(LONG, freeze_norm_scales=False)
)


def test_recipes_are_named_by_their_models():
    v5 = ["frozen_backbone", "scratch", "scratch_no_residual", "len_video"]
    of_hands = {name.partition("/")[0] for name in recipes.list("*/hands")}
    assert of_hands < set(models.names())
    by_source = [name for name in recipes.list() if not name.endswith("/hands")]
    assert [name for name in by_source if name.startswith("full_conv")] == [
        "full_conv",
        "full_conv/len_video",
        "full_conv_v3/finetune",
        *[f"full_conv_v5/{recipe}" for recipe in v5],
        *["full_conv_v6", "full_conv_v6/residual", "full_conv_v7", "full_conv_v8"],
        *["full_conv_v9", "full_conv_v10", "full_conv_v11"],
    ]
    assert [name for name in by_source if name.startswith("vac")] == [
        *["vac/baseline", "vac/ctc", "vac/distillation"],
        "vac_smkd",
    ]
    assert {"dtf_resnet18", "mltsf"} < {*by_source}


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_a_run_on_either_kind_of_corpus(name):
    recipe = recipes.entry(name)
    for config in (recipes.get(name), recipes.get(name, "phoenix2014")):
        assert training.RunConfig.from_dict(config.to_dict()) == config
        models.make_config(config.model, **config.options)
        assert bool(config.init_from) == bool(recipe.starts_from)
        assert not config.options.get("padded_lengths")
    assert config.data == "phoenix2014"
    source = SETTINGS[models.entry(config.model).source]
    own = {"model", "data", "options", "augmentation", "init_from", *recipe.settings}
    if config.options.get("input") == "landmarks":
        own.add("augment")
    assert {*source.differences(config)} <= own
    text = recipes.describe(name, "phoenix2014")
    for row in recipe.source_rows:
        for one in models.reported(recipe.model, recipe=row):
            said = f"{one.wer} % ({row}; {one.corpus} {one.split}; {one.where})"
            assert said in text
    assert ("    nothing" in text) == (not recipe.source_rows)
    assert str(recipe.starts_from or "none") in text


@pytest.mark.parametrize("model", models.names())
def test_every_reported_figure_belongs_to_a_recipe(model):
    found = [recipes.entry(name) for name in recipes.list()]
    rows = {row for one in found if one.model == model for row in one.source_rows}
    assert rows == {one.recipe for one in models.reported(model)}


def test_vac_sees_clips_of_other_lengths_and_mirrored():
    config = recipes.get("vac/distillation", "phoenix2014")
    assert data.Augmentation(**config.augmentation) == data.Augmentation(
        flip=0.5,
        rescale=(0.8, 1.2),
        min_frames=32,
        max_frames=230,
        multiple=4,
        repeat=0,
        drop=0,
    )
    assert recipes.get("vac/distillation").augmentation == {}


def test_some_sources_trained_otherwise_on_csl_daily():
    everywhere = recipes.get("sen", "phoenix2014t")
    config = recipes.get("sen", "csl_daily")
    changed = ["data", "augmentation", "learning_rate", "milestone_factor"]
    assert everywhere.differences(config) == changed
    assert (config.learning_rate, config.milestone_factor) == (5e-5, 0.5)
    assert data.Augmentation(**config.augmentation) == data.Augmentation(
        flip=0.5, repeat=0, drop=0, max_frames=None
    )
    assert recipes.base("csl_daily", "sen") == config
    assert recipes.get("corrnet", "csl_daily").options["correlated_stages"] == [3, 4]
    assert recipes.get("corrnet", "phoenix2014").options == {}
    plus = recipes.get("corrnet_plus", "phoenix2014")
    assert plus.differences(recipes.get("corrnet_plus", "csl_daily")) == ["data"]


def test_networks_after_vac_are_trained_in_mixed_precision_with_the_loss_scaled():
    config = recipes.get("sen", "phoenix2014")
    config = dataclasses.replace(config, model="vac", width=0.0625, frame_size=32)
    model = make_model(config, 5)
    compile_model(config, model, steps_per_epoch=4)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(model.optimizer.inner_optimizer, L2Adam)
    assert model.optimizer.inner_optimizer.l2 == 1e-4
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    "name", [name for name in NAMES if not recipes.entry(name).starts_from]
)
def test_from_scratch_on_the_embedded_corpus_a_recipe_is_the_default_run(name):
    recipe = recipes.entry(name)
    run = RunConfig(model=recipe.model, options=recipe.options, **recipe.settings)
    assert recipes.get(name).differences(run) == []
    assert name in recipes.names_of(run)
    assert name in recipes.names_of(dataclasses.replace(run, root="there", seed=2))
    assert recipes.names_of(dataclasses.replace(run, epochs=99)) == []


def test_recorded_corpora_begin_with_the_settings_of_the_models_source():
    assert recipes.base("fingerspelling", "one_of_mine") == RunConfig(
        model="one_of_mine"
    )
    for corpus in data.list():
        facts = data.facts(corpus)
        if facts.recorded and not facts.landmarks:
            config = recipes.base(corpus)
            assert (config.data, config.frame_size) == (corpus, 112)
            config = recipes.base(corpus, "vac")
            assert (config.model, config.frame_size) == ("vac", 224)
    assert recipes.base("table", "one_of_mine").batch_size == 2
    with pytest.raises(SettingError, match=r"no corpus 'tabel'\. Did you mean table"):
        recipes.base("tabel")


@pytest.mark.parametrize("corpus", data.list())
def test_where_there_are_hand_landmarks_a_run_without_a_recipe_reads_them(corpus):
    config = recipes.base(corpus)
    of_hands = recipes.get(f"{config.model}/hands", corpus)
    assert (config == of_hands) is data.facts(corpus).landmarks
    assert (config.options.get("input") == "landmarks") is data.facts(corpus).landmarks


def test_doubled_letters_are_never_merged():
    assert recipes.get("full_conv_v10/hands", "table").decoder.merge_repeated_glosses
    config = recipes.get("full_conv_v10/hands", "asl_fingerspelling")
    assert config.decoder == DecoderOptions("beam", width=5)
    assert "full_conv_v10/hands" in recipes.names_of(config)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("/hands")])
def test_recorded_hands_are_shown_at_other_lengths_and_never_mirrored(name):
    config = recipes.get(name, "table")
    train = data.load("fingerspelling", "train", kind="hand_landmarks", num_clips=2)
    batches = training_batches(config, train, time_axis=None)
    clips, _ = next(iter(batches))
    assert clips["landmarks"].shape[2:] == (21, 2)
    assert not config.augmentation.get("flip")
    assert bool(config.augment) == (not name.startswith("full_conv"))


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
        make_model(RunConfig("full_conv_v5", options=options), 5)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config")
@pytest.mark.usefixtures("small_config", "eager_tensorflow")
def test_recipes_that_start_from_another_train(tmp_path, capsys):
    start = dataclasses.replace(recipes.get("full_conv"), **TINY)
    first = RunFolder(tmp_path / "first")
    first.write_config(start, InputFormat(32, 32), {})
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
    assert run.read_config().config.freeze == ("backbone",)


@pytest.mark.usefixtures("small_config")
def test_a_recipe_without_its_start_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = recipes.get("full_conv_v5/frozen_backbone", "coloured_frames")
    with pytest.raises(FileNotFoundError, match="--recipe full_conv --data coloured"):
        training.fit(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
