"""The presets' trainings: what is finished is left, what was interrupted goes on."""

import dataclasses
import json
import pathlib

import keras
import pytest

from dtf_keras import data, models, training, zoo
from dtf_keras.commands.train_zoo import main
from dtf_keras.training import RunFolder, SettingError, recipes, zoo_runs
from dtf_keras.zoo.leaderboard import mean_unseen

SMALL = {"num_classes": 27, "frame_size": 32, "width": 0.0625}
ERRORS = {"substitutions": 4, "deletions": 3, "insertions": 3, "reference_glosses": 99}
NAME = "full_conv_hands"


@pytest.fixture
def trained(monkeypatch):
    """Names of the runs that are trained, in order; each is small and done at once."""
    names = []
    get = recipes.get

    def small(name, *arguments):
        config = get(name, *arguments)
        return dataclasses.replace(config, width=0.0625, num_eval_clips=2)

    def fit(config, out):
        out = pathlib.Path(out)
        names.append(out.name)
        train = zoo_runs_corpus(config)
        run = RunFolder(out)
        made_with = {"backend": "jax", "corpus_version": "2"}
        run.write_config(config, train.input_format, made_with)
        keras.utils.set_random_seed(config.seed)
        options = {
            **SMALL,
            **config.options,
            "num_classes": train.vocabulary.num_classes,
        }
        model = models.build(config.model, models.make_config(config.model, **options))
        model.save_weights(run.best_weights)
        train.vocabulary.to_file(run.glosses)
        wer = {"wer": float(len(names)), **ERRORS}
        metrics = {
            "seed": config.seed,
            "wer": {"dev": wer, "test": wer},
            "made_with": made_with,
        }
        run.metrics.write_text(json.dumps(metrics))
        return run

    monkeypatch.setattr(recipes, "get", small)
    monkeypatch.setattr(training, "fit", fit)
    return names


def zoo_runs_corpus(config):
    options = {"kind": "hand_landmarks", "num_clips": 2, **config.data_options}
    return data.load(config.data, "dev", **options)


def test_a_preset_has_its_seeds_and_runs_without_each_language():
    runs = zoo_runs.runs_of(zoo_runs.PRESETS[NAME])
    assert len(runs) == 3 + 2 * 7 + 1
    assert [runs[f"{NAME}-seed{seed}"].seed for seed in (1, 2, 3)] == [1, 2, 3]
    for language in zoo_runs.LANGUAGES:
        without = runs[f"{NAME}-agreeing-without-{language}"]
        options = {"held_out": language, "letters": "agreeing"}
        assert without.data_options == options
        assert without.options == {"input": "landmarks"}
    assert runs[f"{NAME}-si"].data == "fingerspelling_si"


@pytest.mark.parametrize("name", ["vac", "dtf_resnet18", "mltsf"])
def test_fusion_on_another_backbone_is_compared_at_one_budget(name):
    for preset, others in ((name, "full_conv_v5"), (f"{name}_hands", "vac_hands")):
        ours = zoo_runs.runs_of(zoo_runs.PRESETS[preset])
        theirs = zoo_runs.runs_of(zoo_runs.PRESETS[others])
        assert len(ours) == len(theirs)
        for one, other in zip(ours.values(), theirs.values(), strict=True):
            assert {*one.differences(other)} <= {"model"}
        if preset == name:
            assert [one.seed for one in ours.values()] == [1, 2, 3]
            assert one.data_options == {"version": 1}


def test_every_row_of_the_zoo_has_a_preset_that_reads_hands():
    of_hands = {one.recipe for one in zoo_runs.HANDS}
    assert of_hands == {*recipes.list("*/hands")}
    for one in zoo_runs.PRESETS.values():
        assert one.name.removesuffix("_hands").startswith(
            recipes.entry(one.recipe).model
        )


def test_a_preset_has_the_figures_of_all_its_runs(trained, tmp_path, capsys):
    words = [NAME, "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "zoo")]
    assert main(words) == 0
    assert trained[:3] == [f"{NAME}-seed{seed}" for seed in (1, 2, 3)]
    assert len(trained) == 18
    preset = zoo.read_preset(tmp_path / "zoo" / NAME)
    assert preset.input_format.kind == "hand_landmarks"
    assert preset.metadata["recipe"] == "full_conv/hands"
    assert [one["seed"] for one in preset.metadata["seeds"]] == [1, 2, 3]
    assert set(preset.metadata["unseen"]["all"]) == set(zoo_runs.LANGUAGES)
    assert mean_unseen(preset.metadata, "agreeing") == pytest.approx(8.0)
    assert (
        "Signers that training did without" in (preset.path / "README.md").read_text()
    )
    assert main(words) == 0  # nothing is trained twice
    assert len(trained) == 18
    assert "18 runs, 0 of them to train" in capsys.readouterr().out


def test_a_preset_is_written_whenever_it_says_more(trained, tmp_path):
    """Its seeds first; what was not measured yet is in no table."""
    preset, stages = zoo_runs.PRESETS[NAME], []

    def written(one):
        made = zoo_runs.write_preset(one, tmp_path, tmp_path / "zoo", str)
        card = (made.path / "README.md").read_text()
        measured = set(made.metadata["unseen"])
        assert ("all letters" in card) == ("all" in measured)
        assert ("`fingerspelling_si`:" in card) == ("fingerspelling_si" in measured)
        stages.append((len(trained), measured))

    zoo_runs.train([preset], tmp_path, str, written)
    si = "fingerspelling_si"
    assert stages == [
        (3, set()),
        (4, {si}),
        (11, {si, "agreeing"}),
        (18, {si, "agreeing", "all"}),
    ]


def test_an_interrupted_run_goes_on(trained, tmp_path, monkeypatch):
    resumed = []
    monkeypatch.setattr(training, "resume", lambda path: resumed.append(path.name))
    run = training.fit(recipes.get("full_conv/hands"), tmp_path / f"{NAME}-seed2")
    run.metrics.unlink()
    zoo_runs.train([zoo_runs.PRESETS[NAME]], tmp_path, lambda line: None)
    assert resumed == [f"{NAME}-seed2"]


def test_the_list_says_what_is_missing(trained, tmp_path, capsys):
    training.fit(recipes.get("full_conv/hands"), tmp_path / f"{NAME}-seed1")
    assert main([NAME, "--list", "--runs", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"{NAME}-seed1: finished" in out
    assert f"{NAME}-seed2: to train" in out


def test_an_unknown_preset_is_named(capsys):
    with pytest.raises(SettingError, match="full_conv_v9_hands"):
        zoo_runs.chosen(["full_conv_v9_hand"])
    assert main(["nothing"]) == 1
    assert "no preset of the zoo 'nothing'" in capsys.readouterr().err
