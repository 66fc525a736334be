import dataclasses
import functools
import json

import numpy as np
import pytest
from PIL import Image

from dtf_keras import commands
from dtf_keras.commands import predict
from dtf_keras.commands.predict import main
from dtf_keras.commands.trained_model import load_model
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import HandLandmarks
from dtf_keras.recognition import example_clip
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.run.model import make_model
from dtf_keras.training.settings.config import RunConfig
from tests.helpers.hands import HAND

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
load_once = functools.cache(load_model)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder whose weights are fresh, but decide for glosses now and then."""
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    config = RunConfig(model="full_conv_v10", width=0.0625)
    folder.write_config(config, InputFormat(32, 32), {})
    folder.glosses.write_text("".join(f"{letter}\n" for letter in LETTERS))
    model = make_model(config, 27)
    kernel, bias = model.get_layer("classifier").get_weights()
    rng = np.random.default_rng(0)
    kernel = 300 * rng.normal(size=kernel.shape).astype("float32")
    model.get_layer("classifier").set_weights([kernel, bias])
    model.save_weights(folder.best_weights)
    return folder.path


@pytest.fixture(autouse=True)
def one_model(run, monkeypatch):
    """Loads the run once, for compiling takes long."""
    monkeypatch.setattr(predict, "load_model", load_once)


def test_a_run_becomes_a_model_that_knows_its_glosses_and_what_it_reads(run):
    model = load_model("full_conv", run=run)
    assert model.name == "full_conv_v10"
    assert (model.glosses, model.input_format) == (LETTERS, InputFormat(32, 32))


def test_glosses_are_printed_and_files_written(run, tmp_path, capsys):
    out = tmp_path / "out"
    argv = [str(example_clip()), "--run", str(run), "--out", str(out)]
    assert main([*argv, "--num-best", "2", "--subtitles", "srt"]) == 0
    text = capsys.readouterr().out
    assert sorted(p.name for p in out.iterdir()) == [
        "house.json",
        "house.png",
        "house.srt",
    ]
    result = json.loads((out / "house.json").read_text())
    assert result["model"] == "full_conv_v10"
    assert result["seconds"] == 76 / 25
    glosses = [gloss["gloss"] for gloss in result["glosses"]]
    assert glosses
    assert f"(3.04 s): {' '.join(glosses)}\n" in text
    assert len(result["alternatives"]) == 2
    assert (out / "house.srt").read_text().count(" --> ") == len(glosses)
    with Image.open(out / "house.png") as picture:
        assert picture.size[0] == 1440


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], DecoderOptions("beam", width=4, merge_repeated_glosses=True)),
        (["--decoder.width", "7"], DecoderOptions("beam", 7, None, None, 0.5, 0, True)),
        (["--decoder.strategy", "greedy"], DecoderOptions(merge_repeated_glosses=True)),
    ],
)
def test_a_run_is_decoded_as_its_training_did(words, expected, run, tmp_path):
    folder = RunFolder(tmp_path)
    config = dataclasses.replace(
        RunFolder(run).read_config().config,
        decoder=DecoderOptions("beam", width=4, merge_repeated_glosses=True),
    )
    folder.write_config(config, InputFormat(32, 32), {})
    assert predict._decoder(["--run", str(tmp_path)]).strategy == "beam"
    used = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "predict", lambda arguments: used.append(arguments))
        assert main(["--run", str(tmp_path), *words]) == 0
    assert used[0].decoder == expected


def test_without_a_clip_it_reads_the_one_of_the_package(run, capsys):
    assert main(["--run", str(run)]) == 0
    assert "house.mp4 (3.04 s)" in capsys.readouterr().out


def test_a_word_is_spelt_first(run, tmp_path, capsys):
    argv = ["--run", str(run), "--spell", "ab", "--out", str(tmp_path)]
    assert main([*argv, "--picture", "none"]) == 0
    assert f"{tmp_path / 'AB.mp4'} is AB in ase." in capsys.readouterr().out
    assert {p.name for p in tmp_path.iterdir()} == {"AB.mp4", "AB.json", "AB.vtt"}


def test_a_bad_clip_is_named_and_the_others_are_read(run, tmp_path, capsys):
    (tmp_path / "house.mp4").write_text("no video")
    argv = ["nowhere.mp4", str(tmp_path / "house.mp4"), *2 * [str(example_clip())]]
    argv += ["--run", str(run), "--out", str(tmp_path / "out"), "--picture", "none"]
    assert main(argv) == 1
    output = capsys.readouterr()
    assert output.out.count("(3.04 s)") == 2
    lines = output.err.splitlines()
    first, second = [line for line in lines if line.startswith("error")]
    assert first == "error: Clip nowhere.mp4: there is no such file or folder."
    assert second.startswith(f"error: Clip {tmp_path / 'house.mp4'}: ")
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"house.json", "house-2.json"} < names


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--run", "nowhere"], "not a run folder"),
        (["--run", "nowhere", "--weights", "x"], "leave out --weights"),
        (["--model", "full_conv_v99"], "no model 'full_conv_v99'"),
        (["--moments", "1"], "give --out"),
        (["--spell", "1"], "cannot be spelt"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(argv, message, run, capsys):
    base = [] if argv[0] in ("--run", "--model") else ["--run", str(run)]
    assert main([*base, *argv]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_where_no_hand_is_seen_is_printed(run, monkeypatch, capsys):
    model = load_once("full_conv", run=run)
    gone = HandLandmarks(np.array([*[HAND] * 40, *[np.full((21, 2), np.nan)] * 10]), 25)
    drawn = dataclasses.replace(model.input_format, kind="drawn_hand")
    monkeypatch.setattr(model, "input_format", drawn)
    text = predict._text(model.recognize(gone))
    assert text.endswith("\n  no hand is seen at 1.60 - 2.00 s")
    assert main(["--run", str(run), "--mirrored"]) == 0
    assert "house.mp4 (3.04 s)" in capsys.readouterr().out


def test_a_moment_outside_the_picture_is_refused(run, tmp_path, capsys):
    argv = ["--run", str(run), "--out", str(tmp_path), "--moments", "9"]
    assert main(argv) == 1
    assert "9 s is not in the picture" in capsys.readouterr().err


def test_it_is_a_sub_command():
    assert "predict" in commands.COMMANDS
    with pytest.raises(SystemExit) as caught:
        commands.main(["predict", "--help"])
    assert caught.value.code == 0
