"""Training on recorded signing, from a miniature release to a run folder."""

import dataclasses
import json
import shutil

import pytest

from dtf_keras import data, training
from dtf_keras.commands.evaluate import main as evaluate
from dtf_keras.data import Augmentation
from dtf_keras.data.corpora.phoenix_release import FRAMES, MULTISIGNER, SI5, TRANSLATION
from dtf_keras.input_format import InputFormat
from dtf_keras.training import recipes
from dtf_keras.training.run.corpora import load_split, training_batches
from tests.helpers import miniature
from tests.helpers.coloured_frames import build_small_model

pytestmark = pytest.mark.usefixtures("small_model")
TIME_AXIS = build_small_model("any", None, 5, 32, 1).time_axis


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return write_release(tmp_path_factory.mktemp("release"))


def write_release(root, release=MULTISIGNER):
    clips = {"train": 49, "dev": 8, "test": 8}
    return miniature.write_release(root, release, clips, unknown=False)


@pytest.fixture
def config(release):
    return training.RunConfig(
        data="phoenix2014",
        root=str(release),
        frame_size=32,
        epochs=6,
        batch_size=8,
        learning_rate=0.02,
        warmup_steps=1,
    )


@pytest.fixture
def packed(config, tmp_path):
    splits = [load_split(config, split) for split in ("train", "dev", "test")]
    return data.pack(splits, tmp_path / "corpus.h5").path


def numbers(folder):
    """What a run has to repeat: all but the times."""
    return [
        {name: value for name, value in row.items() if "seconds" not in name}
        for row in folder.read_history()
    ]


def test_training_learns_the_miniature_release(config, tmp_path, capsys):
    folder = training.fit(config, tmp_path / "run")
    history, metrics = folder.read_history(), folder.read_metrics()
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]
    assert metrics["wer"]["test"]["wer"] < 30
    assert metrics["infeasible_clips"] == 0
    assert metrics["wer"]["test"]["reference_glosses"] == 16
    glosses = data.Vocabulary.from_file(folder.glosses).glosses
    assert glosses == (*sorted(miniature.COLOURS), "<unk>")
    assert "48 training clips" in capsys.readouterr().out


@pytest.mark.parametrize("other", [SI5, TRANSLATION], ids=lambda other: other.name)
def test_training_learns_the_other_releases(other, config, tmp_path):
    root = str(write_release(tmp_path / "corpus", other))
    config = dataclasses.replace(config, data=other.name, root=root)
    folder = training.fit(config, tmp_path / "run")
    history = folder.read_history()
    assert history[-1]["loss"] < 0.6 * history[0]["loss"]
    assert folder.read_metrics()["wer"]["test"]["wer"] < 30


def test_training_learns_csl_daily_and_is_scored_by_the_rules_of_phoenix(
    config, tmp_path
):
    clips = {"train": 33, "dev": 4, "test": 4}
    root = miniature.write_csl_daily(tmp_path / "corpus", clips)
    config = dataclasses.replace(config, data="csl_daily", root=str(root), epochs=4)
    splits = [load_split(config, split) for split in clips]
    path = data.pack(splits, tmp_path / "corpus.h5").path
    config = dataclasses.replace(config, root=str(path))
    folder = training.fit(config, tmp_path / "run")
    history = folder.read_history()
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]
    assert folder.read_config().input_format == InputFormat(32, 32, 30.0, 0.875)
    assert evaluate(["--run", str(folder.path), "--split", "test"]) == 0
    scores = json.loads((folder.path / "evaluation-test/scores.json").read_text())
    assert (scores["data"], scores["rules"]) == ("csl_daily", "phoenix2014")


def test_a_recipe_of_the_source_trains_on_it(release, tmp_path):
    config = dataclasses.replace(
        recipes.get("full_conv_v5/len_video", "phoenix2014"),
        root=str(release),
        frame_size=32,
        epochs=2,
        milestones=(1,),
        batch_size=8,
    )
    folder = training.fit(config, tmp_path / "run")
    rates = [row["learning_rate"] for row in folder.read_history()]
    assert rates == [pytest.approx(0.5e-4), pytest.approx(0.5e-4)]
    saved = folder.read_config()
    assert saved.config == config
    assert saved.input_format == InputFormat(32, 32, 25.0, 0.875, "bilinear")


def test_its_run_is_scored_as_in_training_from_anywhere(release, tmp_path, monkeypatch):
    recipe = recipes.get("full_conv_v10", "phoenix2014")
    config = dataclasses.replace(recipe, root=release.name, frame_size=32, epochs=1)
    monkeypatch.chdir(release.parent)
    run = training.fit(config, tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    weights = ["--model", "full_conv_v10", "--weights", str(run.best_weights)]
    corpus = ["--data", "phoenix2014", "--root", str(release), "--frame-size", "32"]
    for argv in (["--run", str(run.path)], [*weights, *corpus]):
        assert evaluate([*argv, "--split", "test", "--out", "scored"]) == 0
        scores = json.loads((tmp_path / "scored" / "scores.json").read_text())
        assert scores["decoder"]["strategy"] == "beam"
        assert scores["plain_wer"] == run.read_metrics()["wer"]["test"]


def test_a_packed_corpus_gives_the_numbers_of_its_pictures(config, packed, tmp_path):
    config = dataclasses.replace(config, epochs=2)
    from_pictures = training.fit(config, tmp_path / "pictures")
    config = dataclasses.replace(config, root=str(packed))
    from_file = training.fit(config, tmp_path / "file")
    assert numbers(from_file) == numbers(from_pictures)
    assert from_file.read_metrics()["wer"] == from_pictures.read_metrics()["wer"]


def test_a_packed_corpus_that_the_model_wants_otherwise_is_said(config, packed):
    config = dataclasses.replace(config, model="vac", root=str(packed))
    with pytest.raises(training.SettingError, match="give --resize bilinear"):
        load_split(config, "dev")
    config = dataclasses.replace(config, resize="bilinear")
    assert load_split(config, "dev").input_format.resize == "bilinear"


def test_one_packed_file_serves_every_model(config, tmp_path):
    big = dataclasses.replace(config, frame_size=56, resize="lanczos")
    path = data.pack([load_split(big, "dev")], tmp_path / "corpus.h5").path
    config = dataclasses.replace(config, root=str(path))
    for model, size, resize in (
        ("vac", 56, "lanczos"),
        ("vac", 28, "lanczos"),
        ("full_conv_v5", 56, "lanczos"),
        ("full_conv_v5", 28, "bilinear"),
    ):
        one = dataclasses.replace(config, model=model, frame_size=size)
        expected = InputFormat(size, size, 25.0, 0.875, resize)
        assert load_split(one, "dev").input_format == expected


def test_augmentation_is_on_for_recorded_corpora_and_off_for_others(config):
    train = load_split(config, "train")
    batches = training_batches(config, train, TIME_AXIS)
    assert batches.augmentation == Augmentation()
    assert batches.augmentation.flip == 0
    assert set(batches.clip_lengths(0)) == {15}  # of 16 frames
    spelt = training.RunConfig(num_clips=4)
    assert (
        training_batches(spelt, load_split(spelt, "train"), TIME_AXIS).augmentation
        is None
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"augment": False}, None),
        ({"augmentation": {"flip": 0.5}}, Augmentation(flip=0.5)),
        ({"augment": True, "data": "fingerspelling", "root": None}, Augmentation()),
        (
            {"augmentation": {"rescale": [0.8, 1.2], "max_frames": 230}},
            Augmentation(rescale=(0.8, 1.2), max_frames=230, repeat=0, drop=0),
        ),
    ],
)
def test_augmentation_is_as_the_config_says(settings, expected, config):
    config = dataclasses.replace(config, num_clips=4, **settings)
    batches = training_batches(config, load_split(config, "train"), TIME_AXIS)
    assert batches.augmentation == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"augmentation": {"flop": 1}}, "no setting 'flop' of augmentation"),
        ({"augmentation": {"flip": 7}}, "augmentation: flip must be"),
        ({"augmentation": {"flip": 1}, "augment": False}, "give --augment true"),
        ({"data_options": {"frame_size": 8}}, "give --frame-size"),
        ({"data_options": {"layout": "x"}}, "no option of phoenix2014 'layout'"),
        ({"data": "fingerspelling"}, "no option of fingerspelling 'root'"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings, message, config, tmp_path):
    config = dataclasses.replace(config, **settings)
    with pytest.raises(training.SettingError, match=message):
        training.fit(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_missing_root_is_named(config, tmp_path):
    config = dataclasses.replace(config, root=str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        training.fit(config, tmp_path / "run")


def test_options_of_the_corpus_reach_it(config, tmp_path):
    path = tmp_path / "glosses.txt"
    path.write_text("\n".join(sorted(miniature.COLOURS, reverse=True)))
    options = {"vocabulary": str(path)}
    config = dataclasses.replace(config, data_options=options, num_eval_clips=3)
    dev = load_split(config, "dev")
    assert dev.vocabulary.glosses[0] == "loc-NORD"
    assert len(dev) == 3


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_bad_clips_stop_the_run_before_training_or_are_skipped(
    split, config, release, tmp_path, capsys
):
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    shutil.rmtree(copy / FRAMES / split / f"00April_2010_Thursday_{split}_default-0")
    config = dataclasses.replace(config, root=str(copy), epochs=1)
    with pytest.raises(
        training.SettingError, match=f"Clip 00April.*{split}.*no folder"
    ):
        training.fit(config, tmp_path / "stopped")
    assert not (tmp_path / "stopped").exists()
    config = dataclasses.replace(config, on_bad_clip="skip")
    training.fit(config, tmp_path / "run")
    assert "clips are left out: 00April" in capsys.readouterr().out


def test_a_clip_too_short_to_be_learned_is_scored(config, release, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    for split in ("dev", "test"):
        for picture in sorted(miniature.pictures(copy, split, 0)[0].iterdir())[5:]:
            picture.unlink()
    config = dataclasses.replace(config, root=str(copy), epochs=1)
    metrics = training.fit(config, tmp_path / "run").read_metrics()
    assert metrics["wer"]["test"]["reference_glosses"] == 16


def test_a_clip_lost_while_training_is_named(config, release, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    config = dataclasses.replace(config, root=str(copy))
    clip = copy / FRAMES / "train" / "03April_2010_Thursday_train_default-3" / "1"
    load = data.load

    def load_and_lose(name, split, **options):
        corpus = load(name, split, **options)
        if split == "test":
            for path in clip.iterdir():
                path.write_bytes(b"")
        return corpus

    monkeypatch.setattr(data, "load", load_and_lose)
    with pytest.raises(data.ClipError, match=r"Clip 03April.*fn000000-0\.png"):
        training.fit(config, tmp_path / "run")


def test_a_run_on_other_clips_is_not_resumed(config, release, tmp_path):
    folder = training.fit(dataclasses.replace(config, epochs=1), tmp_path / "run")
    folder.metrics.unlink()
    text = folder.config.read_text()
    folder.config.write_text(text.replace('"num_clips": null', '"num_clips": 40'))
    with pytest.raises(training.SettingError, match="made with corpus_version"):
        training.resume(folder.path)
