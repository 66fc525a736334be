"""From a published file to recognized glosses, by the commands of the documentation."""

import json

import numpy as np
import pytest

from dtf_keras import zoo
from dtf_keras.commands.convert import main as convert
from dtf_keras.commands.evaluate import main as evaluate
from dtf_keras.commands.predict import main as predict
from dtf_keras.input_format import InputFormat
from tests.helpers import miniature, published

torch = pytest.importorskip("torch")
GLOSSES = sorted([*miniature.COLOURS, "SCHNEE", *(f"WORT{n}" for n in range(10))])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    """A preset made of a file in the published form, whose weights know nothing."""
    folder = tmp_path_factory.mktemp("published")
    state_dict = published.state_dict("vac_smkd", num_classes=len(GLOSSES) + 1)
    torch.save(published.trainers_file(state_dict), folder / "dev.pt")
    np.save(folder / "gloss_dict.npy", {g: [n, 1] for n, g in enumerate(GLOSSES, 1)})
    argv = [folder / "dev.pt", "--glosses", folder / "gloss_dict.npy"]
    argv += ["--frame-size", "32", "--out", folder / "my_zoo" / "smkd"]
    assert convert([str(word) for word in argv]) == 0
    return folder / "my_zoo" / "smkd"


@pytest.fixture
def release(folder):
    return miniature.write_release(folder / "corpus", clips={"train": 3, "dev": 2})


def test_it_is_scored_as_its_paper_did(preset, release, folder, capsys):
    argv = ["--weights", str(preset), "--data", "phoenix2014", "--root", str(release)]
    assert evaluate(argv) == 0
    text = capsys.readouterr().out
    assert "<unk>" not in text
    assert "NOTE" not in text
    out = folder / "evaluation-smkd-dev"
    scores = json.loads((out / "scores.json").read_text())
    assert scores["rules"] == "phoenix2014"
    decoder = {"strategy": "beam", "width": 10, "merge_repeated_glosses": True}
    assert scores["decoder"].items() >= decoder.items()
    read = InputFormat(32, 32, 25.0, 0.875, "lanczos")
    assert InputFormat.from_dict(scores["input_format"]) == read
    signed = (out / "ref.stm").read_text(encoding="utf-8")
    assert "SCHNEE" in signed


def test_flags_change_how_it_is_scored(preset, release, folder):
    argv = ["--weights", str(preset), "--model", "vac_smkd", "--data", "phoenix2014"]
    argv += ["--root", str(release), "--decoder.strategy", "greedy", "--out", "here"]
    assert evaluate([*argv, "--data-options", '{"leave_out": []}']) == 0
    scores = json.loads((folder / "here" / "scores.json").read_text())
    assert scores["decoder"]["strategy"] == "greedy"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--model", "vac"], "is a preset of vac_smkd, not of vac: leave out --model"),
        (["--width", "1"], "--width does not go with a preset"),
        (["--data", "fingerspelling", "--num-clips", "1"], "other glosses than finger"),
    ],
)
def test_what_cannot_be_is_one_sentence(argv, message, preset, capsys):
    assert evaluate(["--weights", str(preset), *argv]) == 1
    assert message in capsys.readouterr().err


def test_a_preset_without_glosses_cannot_be_scored(preset, folder, capsys):
    model = zoo.get("vac_smkd", weights=preset, num_classes=16)
    model.glosses = None
    zoo.save_preset(model, folder / "unnamed")
    assert evaluate(["--weights", "unnamed"]) == 1
    assert "unnamed has no glosses" in capsys.readouterr().err
    assert evaluate(["--weights", str(folder)]) == 1
    assert "is not the folder of a preset" in capsys.readouterr().err


def test_it_recognizes_clips_with_its_own_decoder(preset, release, monkeypatch, capsys):
    used = []
    monkeypatch.setattr(
        "dtf_keras.commands.predict.recognition.ClipRecognizer",
        lambda model, num_best, decoder, *windows: used.append(decoder) or 1 / 0,
    )
    clip, _ = miniature.pictures(release, "dev", 0)
    argv = [str(clip), "--model", "vac_smkd", "--weights", str(preset)]
    for flags in ([], ["--decoder.width", "4"], ["--decoder.strategy", "greedy"]):
        with pytest.raises(ZeroDivisionError):
            predict([*argv, *flags])
    own = zoo.read_preset(preset).decoder
    assert used[0] == own
    assert (used[1].strategy, used[1].width) == ("beam", 4)
    assert (used[2].strategy, used[2].merge_repeated_glosses) == ("greedy", True)
    monkeypatch.undo()
    assert predict(argv) == 0
    assert "(0.96 s)" in capsys.readouterr().out


def test_recognize_uses_the_presets_decoder_unless_told(preset, release, monkeypatch):
    model = zoo.get("vac_smkd", weights=preset)
    clip, _ = miniature.pictures(release, "dev", 1)
    merged = str(model.recognize(clip))
    assert merged == str(model.recognize(clip, decoder=model.decoder))
    assert len(model.recognize(clip, num_best=12).alternatives) == 12
