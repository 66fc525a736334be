import json
import re

import numpy as np
import pytest

from dtf_keras import convert, zoo
from dtf_keras.commands.convert import main
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from tests.helpers import golden_recipe as recipe
from tests.helpers import published

torch = pytest.importorskip("torch")
WORDS = [f"WORD{n}" for n in range(15)]  # of 20 classes; 5 are special


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A checkpoint, its glosses, and what a torch run would have given."""
    folder = tmp_path_factory.mktemp("source")
    state_dict = recipe.narrow("full_conv_v7", 0.0625)
    tensors = {name: torch.tensor(x) for name, x in state_dict.items()}
    tensors["bn.num_batches_tracked"] = torch.tensor(9)
    torch.save({"epoch": 3, "model_state_dict": tensors}, folder / "ep3_30.0.pkl")
    (folder / "words.txt").write_text("\n".join(WORDS))
    result = convert.convert(state_dict, "full_conv_v7", frame_size=32)
    video = np.random.default_rng(0).random((1, 16, 32, 32, 3), dtype="float32")
    ours = result.model.predict_on_batch({"video": video})
    logits = np.empty_like(ours)
    logits[..., result.classes] = ours
    np.savez(folder / "run.npz", video=video, logits=logits)
    np.savez(folder / "other.npz", video=video, logits=logits + 1e-3)
    return folder


def command(files, out, *more):
    """The exit status of the command with the flags that all tests need."""
    flags = ["--out", str(out), "--name", "full_conv_v7", "--frame-size", "32"]
    return main([str(files / "ep3_30.0.pkl"), *flags, *map(str, more)])


def test_writes_a_folder_and_prints_what_became_what(files, tmp_path, capsys):
    out = tmp_path / "converted"
    more = ["--check", files / "run.npz", "--glosses", files / "words.txt"]
    assert command(files, out, *more, "--drop-special") == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    (line,) = [line for line in lines if line.startswith("tcna.rnn.weight_hh_l0 ")]
    assert "fusion/gru/gru/recurrent_kernel" in line
    assert "gates r,z,n to z,r,h; transposed" in line
    assert "82 tensors: 69 mapped, 13 left out" in lines
    assert "  second names of tensors above: enc1.net.0.weight and 11 more" in lines
    assert "  counters of batches, no weights: bn.num_batches_tracked" in lines
    assert "largest difference to the logits" in text
    assert "full_conv_v7, width 0.0625, 16 classes" in lines[-1]
    assert (out / "glosses.txt").read_text().splitlines() == WORDS
    config = json.loads((out / "config.json").read_text())
    assert config["options"]["num_classes"] == 16
    weights = out / "model.weights.h5"
    model = zoo.get(config["model"], weights=weights, **config["options"])
    assert np.isfinite(model.predict_on_batch(np.zeros((1, 8, 32, 32, 3)))).all()


def test_special_classes_are_named_where_they_are_kept(files, tmp_path):
    assert command(files, tmp_path / "x", "--glosses", files / "words.txt") == 0
    names = (tmp_path / "x" / "glosses.txt").read_text().splitlines()
    assert names == ["<PAD>", *WORDS, "<UNK>", "<BOS>", "<EOS>"]


def test_a_published_file_and_its_gloss_dict_become_a_preset(tmp_path, capsys):
    state_dict = published.state_dict("vac_smkd", num_classes=16)
    torch.save(published.trainers_file(state_dict), tmp_path / "dev_19.8.pt")
    glosses = {gloss: [n, 1] for n, gloss in enumerate(WORDS, 1)}
    np.save(tmp_path / "gloss_dict.npy", glosses)
    flags = ["--glosses", str(tmp_path / "gloss_dict.npy")]
    flags += ["--out", str(tmp_path / "preset")]
    assert main([str(tmp_path / "dev_19.8.pt"), *flags]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  second names of tensors above: conv1d.fc.weight" in lines
    assert lines[-2] == "Scale and shift of batch norm were trained."
    assert lines[-1].startswith("vac_smkd, width 0.0625, 16 classes")
    model = zoo.get("vac_smkd", weights=tmp_path / "preset")
    assert model.glosses == tuple(WORDS)
    assert model.input_format == InputFormat(224, 224, crop=0.875, resize="lanczos")
    assert model.decoder == DecoderOptions("beam", 10, merge_repeated_glosses=True)


def test_gloss_dicts_are_read(files, tmp_path, capsys):
    glosses = {gloss: [n, 1] for n, gloss in reversed(list(enumerate(WORDS, 1)))}
    np.save(tmp_path / "gloss_dict.npy", glosses)
    flags = ["--glosses", tmp_path / "gloss_dict.npy", "--drop-special"]
    assert command(files, tmp_path / "x", *flags) == 0
    assert (tmp_path / "x" / "glosses.txt").read_text().splitlines() == WORDS
    np.save(tmp_path / "gloss_dict.npy", {"RAIN": [2, 1]})
    assert command(files, tmp_path / "y", *flags) == 1
    assert "there is no class 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--check", "{files}/other.npz"], "differ from those in .* by up to 0.001"),
        (["--check", "{files}/nowhere.npz"], "no file .*nowhere.npz to check"),
        (["--name", "full_conv_v5"], "not those of full_conv_v5"),
        (["--name", "full_conv_v12"], "no model 'full_conv_v12'"),
        (["--options", '{"windows": 3}'], "no option 'windows'"),
        (["--glosses", "{files}/ep3_30.0.pkl.txt"], "no file"),
        (["--out", "{files}"], "not empty"),
    ],
)
def test_what_cannot_be_is_one_error_and_writes_nothing(
    files, tmp_path, flags, message, capsys
):
    out = tmp_path / "converted"
    flags = [flag.replace("{files}", str(files)) for flag in flags]
    before = sorted(files.iterdir())
    assert command(files, out, *flags) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "Traceback" not in error
    assert re.search(message, error)
    assert not out.exists()
    assert sorted(files.iterdir()) == before


def test_a_missing_checkpoint_is_named(tmp_path, capsys):
    assert main(["nowhere.pkl", "--out", str(tmp_path / "x")]) == 1
    assert "no checkpoint nowhere.pkl" in capsys.readouterr().err
