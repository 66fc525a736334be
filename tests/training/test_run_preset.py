"""A finished run of a real, small model becomes a preset."""

import dataclasses
import json
import shutil

import keras
import pytest

from dtf_keras import data, models, zoo
from dtf_keras.commands.preset import main
from dtf_keras.input_format import InputFormat
from dtf_keras.layers import TimeGeometry
from dtf_keras.training import RunFolder, SettingError
from dtf_keras.training.run_preset import choose_dtype, preset_from_run
from dtf_keras.training.settings.config_file import config_of

SMALL = {"num_classes": 5, "frame_size": 32, "width": 0.0625}
WER = {"substitutions": 4, "deletions": 3, "insertions": 3, "reference_glosses": 100}


def write_run(path, config, wer):
    """A finished run folder with fresh weights."""
    run = RunFolder(path)
    made_with = {"backend": "tensorflow", "corpus_version": "1"}
    run.write_config(config, InputFormat(32, 32), made_with)
    keras.utils.set_random_seed(config.seed)
    model = models.build(config.model, models.make_config(config.model, **SMALL))
    model.save_weights(run.best_weights)
    data.Vocabulary("ABCD").to_file(run.glosses)
    metrics = {
        "model": config.model,
        "seed": config.seed,
        "wer": {split: {"wer": wer, **WER} for split in ("dev", "test")},
        "made_with": made_with,
        "config": config.to_dict(),
    }
    run.metrics.write_text(json.dumps(metrics))
    return run.path


@pytest.fixture
def config(small_config):
    return dataclasses.replace(small_config, model="full_conv_v6", width=0.0625)


@pytest.fixture
def runs(config, tmp_path):
    """Paths of three runs, of seeds 1 to 3."""
    return [
        write_run(
            tmp_path / f"run{seed}", dataclasses.replace(config, seed=seed), 9.0 + seed
        )
        for seed in (1, 2, 3)
    ]


def test_the_command_makes_a_preset_that_loads(runs, config, tmp_path, capsys):
    out = tmp_path / "zoo"
    words = [str(runs[0]), "--name", "mine", "--out", str(out)]
    words += ["--seeds", str(runs[1]), str(runs[2]), "--recipe", "full_conv_v6"]
    words += ["--dtype", "float16"]
    assert main(words) == 0, capsys.readouterr().err
    assert "MB in" in capsys.readouterr().out
    preset = zoo.read_preset(out / "mine")
    said = preset.metadata
    assert said["wer"]["dev"] == {"wer": 10.0, **WER}
    assert said["seeds"] == [
        {"seed": seed, "dev": 9.0 + seed, "test": 9.0 + seed} for seed in (1, 2, 3)
    ]
    assert said["source_recipes"] == ["default"]
    assert said["training"]["settings_format"] == 3
    assert config_of(said["training"]["settings"], 2) == config
    assert said["training"]["initial_weights"] is None
    model = zoo.get("full_conv_v6", weights=out / "mine")
    assert model.glosses == ("A", "B", "C", "D")
    assert model.input_format == InputFormat(32, 32)
    assert json.loads((out / "index.json").read_text())["presets"].keys() == {"mine"}
    assert zoo.verify(out, say=lambda line: None) == []
    assert main(words) == 1
    assert "not empty" in capsys.readouterr().err
    assert main([*words, "--replace"]) == 0


@pytest.mark.parametrize(
    ("setting", "given"),
    [
        ("init_from", "recipe:full_conv"),
        ("init_from", "runs/mine"),
        ("backbone_weights", "runs/mine"),
    ],
)
def test_what_training_started_from_is_told_without_the_machines_folders(
    setting, given, config, tmp_path
):
    said = given if given.startswith("recipe:") else str(tmp_path / given)
    config = dataclasses.replace(config, **{setting: said})
    run = write_run(tmp_path / "run", config, 9.0)
    start = {
        "path": str(tmp_path / "runs/mine/best.weights.h5"),
        "sha256": "5" * 64,
        "loaded": ["classifier"],
        "fresh": {"gru": "not in the file"},
        "unused": [],
    }
    metrics = json.loads(RunFolder(run).metrics.read_text())
    metrics["made_with"]["initial_weights"] = start
    RunFolder(run).metrics.write_text(json.dumps(metrics))
    preset = preset_from_run(run, tmp_path / "zoo", dtype="float32")
    said = preset.metadata["training"]["initial_weights"]
    assert said["from"] == given.removeprefix("runs/")
    assert said["sha256"] == start["sha256"]
    card = (preset.path / "README.md").read_text("utf-8")
    assert f"Started from: `{said['from']}`" in card
    assert "layers loaded: 1, fresh: gru (not in the file)" in card
    for file in preset.path.glob("*.*"):
        assert str(tmp_path).encode() not in file.read_bytes()


def test_a_preset_that_training_started_from_is_told(config, tmp_path):
    config = dataclasses.replace(config, init_from="recipe:full_conv")
    run = write_run(tmp_path / "run", config, 9.0)
    start = {"sha256": "5" * 64, "loaded": [], "fresh": {}, "preset": "full_conv"}
    metrics = json.loads(RunFolder(run).metrics.read_text())
    metrics["made_with"]["initial_weights"] = start
    RunFolder(run).metrics.write_text(json.dumps(metrics))
    preset = preset_from_run(run, tmp_path / "zoo", dtype="float32")
    said = preset.metadata["training"]["initial_weights"]
    assert said["from"] == "recipe:full_conv (preset full_conv)"


def test_runs_that_differ_in_more_than_the_seed_are_refused(runs, config, tmp_path):
    other = write_run(
        tmp_path / "other", dataclasses.replace(config, seed=4, epochs=9), 1.0
    )
    with pytest.raises(SettingError, match="other has another epochs than"):
        preset_from_run(runs[0], tmp_path / "zoo", seeds=[other])
    with pytest.raises(SettingError, match="the seed 1 of another run"):
        preset_from_run(runs[0], tmp_path / "zoo", seeds=[runs[0]])
    assert not (tmp_path / "zoo").exists()


def test_a_run_that_is_not_finished_is_refused(runs, tmp_path):
    (runs[1] / "metrics.json").unlink()
    with pytest.raises(FileNotFoundError, match="run2 is not finished"):
        preset_from_run(runs[0], tmp_path / "zoo", seeds=[runs[1]])
    shutil.rmtree(runs[1])
    with pytest.raises(FileNotFoundError, match="not a run folder"):
        preset_from_run(runs[1], tmp_path / "zoo")


class TooFine(keras.layers.Layer):
    """Tells A from B by a weight that float16 rounds away."""

    def build(self, _):
        self.threshold = self.add_weight(shape=(), initializer="zeros")

    def call(self, video):
        above = keras.ops.cast(self.threshold > 2048.0, "float32")
        logits = keras.ops.stack([0.0 * above, above, 1.0 - above])
        return keras.ops.zeros_like(video[:, :, 0, 0, :3]) + logits

    def time_geometry(self):
        return TimeGeometry()


@pytest.mark.parametrize(("value", "dtype"), [(2048.5, "float32"), (4096.0, "float16")])
def test_float16_is_chosen_only_if_it_recognizes_the_same(small_config, value, dtype):
    dev = data.load("coloured_frames", "dev")
    video = keras.Input((None, 32, 32, 3), name="video")
    num_frames = keras.Input((), dtype="int32", name="num_frames")
    layer = TooFine()
    model = models.Recognizer(
        {"num_frames": num_frames, "video": video}, layer(video), name="too_fine"
    )
    layer.threshold.assign(value)
    lines = []
    assert choose_dtype(model, [dev], 8, say=lines.append) == dtype
    assert float(layer.threshold) == value
    changed = 8 if dtype == "float32" else 0
    assert lines == [f"float16 changes {changed} of 8 transcripts: stored as {dtype}"]
