"""A run folder in format 1, as it was written before formats had numbers.

It was trained on the embedded corpus for forty epochs, two seconds each, to recognize a
few letters: `full_conv_v5`, width 0.03, window 4.
"""

import json
import pathlib
import shutil

import pytest

from dtf_keras import zoo
from dtf_keras.commands.evaluate import main as evaluate
from dtf_keras.commands.fit import parse
from dtf_keras.commands.trained_model import load_model
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.recognition import example_clip
from dtf_keras.training import RunConfig, RunFolder, resume
from dtf_keras.training.run_preset import preset_from_run
from dtf_keras.training.settings.config_file import config_of
from dtf_keras.training.settings.upgrade import upgrade

KEPT = pathlib.Path(__file__).with_name("format_1")
CONFIG = RunConfig(
    model="full_conv_v5",
    options={"window": 4},
    data_options={"version": 1},
    width=0.03,
    augment=True,
    augmentation={"crop": False},
    num_clips=64,
    num_eval_clips=4,
    epochs=40,
    learning_rate=0.01,
    warmup_steps=20,
    freeze=("backbone/stem_*",),
    decoder=DecoderOptions("beam", 3, merge_repeated_glosses=True),
)


@pytest.fixture
def run(tmp_path):
    return RunFolder(shutil.copytree(KEPT, tmp_path / "run"))


def test_it_is_read(run, capsys):
    saved = run.read_config()
    assert saved.config == CONFIG
    assert saved.input_format == InputFormat(32, 32, kind="drawn_hand")
    assert saved.made_with["backend"] == "tensorflow"
    assert run.read_history()[6]["val_glosses_recognized"] == 2
    assert resume(run.path).read_metrics()["best_epoch"] == 7
    assert "dev WER 90.9 %" in capsys.readouterr().out
    assert parse(["--config", str(run.config), "--epochs", "3"]).run.epochs == 3


def test_it_is_evaluated_as_it_was_then(run, capsys):
    measured = run.read_metrics()["wer"]
    for split in ("dev", "test"):
        assert evaluate(["--run", str(run.path), "--split", split]) == 0
        scores = run.path / f"evaluation-{split}" / "scores.json"
        assert json.loads(scores.read_text())["plain_wer"] == measured[split]


def test_it_recognizes_as_it_did_then(run):
    model = load_model("full_conv_v5", run=run.path)
    assert model.input_format == InputFormat(32, 32, kind="drawn_hand")
    decoder = DecoderOptions("beam", 3)
    result = model.recognize(example_clip(), num_best=3, decoder=decoder)
    assert [str(one) for one in result.alternatives] == ["", "N", "I"]
    scores = [one.score for one in result.alternatives[1:]]
    assert scores == pytest.approx([-9.39, -9.40], abs=0.01)


def test_a_preset_is_made_of_it(run, tmp_path):
    lines = []
    preset = preset_from_run(run.path, tmp_path / "zoo", say=lines.append)
    assert "of 8 transcripts" in lines[-1]
    training = preset.metadata["training"]
    assert config_of(training["settings"], training["settings_format"]) == CONFIG
    assert preset.metadata["decoder"] == str(CONFIG.decoder)
    model = zoo.get("full_conv_v5", weights=preset.path)
    assert model.input_format == InputFormat(32, 32, kind="drawn_hand")
    assert model.glosses == tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def upgraded(**settings):
    return upgrade({**settings, "made_with": {"backend": "jax"}})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"augment": "auto", "jit_compile": "false"}, {"jit_compile": False}),
        ({"augment": "false"}, {"augment": False}),
        ({"ctc_lengths": "true"}, {}),
        (
            {"ctc_lengths": "padded", "options": {"window": 4}},
            {"options": {"window": 4, "padded_lengths": True}},
        ),
        ({"decoder": "greedy", "beam_width": 9}, {}),
        ({"merge_repeats": "true"}, {"decoder": {"merge_repeated_glosses": True}}),
        ({"decoder": "beam"}, {"decoder": {"strategy": "beam", "width": 5}}),
    ],
)
def test_settings_become_those_of_today(old, new):
    config = RunConfig.from_dict(upgraded(**old)["settings"])
    assert config == RunConfig.from_dict({**new, "data_options": {"version": 1}})
    assert config_of(old, 1) == config


@pytest.mark.parametrize(
    ("settings", "reads", "crop"),
    [
        (
            {"data": "fingerspelling_si", "frame_size": 64},
            InputFormat(64, 64, kind="drawn_hand"),
            None,
        ),
        (
            {"data": "phoenix2014", "frame_size": 112},
            InputFormat(112, 112, crop=0.875),
            None,
        ),
        (
            {"data": "table", "frame_size": 56, "data_options": {"frame_rate": 30.0}},
            InputFormat(56, 56, 30.0, 0.875),
            None,
        ),
        # Today it would be 37 pixels, not 36.
        (
            {"data": "table", "frame_size": 32},
            InputFormat(32, 32, crop=32 / 36),
            32 / 36,
        ),
    ],
)
def test_what_was_read_of_the_packages_corpora_is_known(settings, reads, crop):
    said = upgraded(**settings)
    assert InputFormat.from_dict(said["input_format"]) == reads
    assert RunConfig.from_dict(said["settings"]).crop == crop
    if reads.crop < 1:
        assert reads.read_size == (settings["frame_size"] * 8 // 7,) * 2


@pytest.mark.parametrize("data", ["packed", "one_of_mine"])
def test_of_another_corpus_what_was_read_is_not_guessed(data):
    assert "input_format" not in upgraded(data=data)


def test_what_is_of_today_stays_as_it_is():
    said = {"format": 3, "settings": {"augment": True}}
    assert upgrade(said) is said
