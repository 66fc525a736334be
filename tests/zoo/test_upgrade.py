"""Presets of older formats, and of newer ones."""

import json
import pathlib
import shutil

import h5py
import numpy as np
import pytest

from dtf_keras import zoo
from dtf_keras.input_format import InputFormat
from dtf_keras.zoo.index import read_index
from dtf_keras.zoo.upgrade import FORMAT
from tests.helpers.small_presets import GLOSSES

KEPT = pathlib.Path(__file__).with_name("format_1")  # a zoo, as format 1 wrote it


@pytest.fixture
def old(tmp_path):
    """A copy of the kept zoo."""
    return pathlib.Path(shutil.copytree(KEPT, tmp_path / "old"))


def logits_of(model):
    video = np.random.default_rng(0).random((2, 20, 32, 32, 3), "float32")
    video[1, 13:] = 0
    lengths = np.array([20, 13], "int32")
    return model.predict_on_batch({"video": video, "num_frames": lengths})


def rewritten(path, **changes):
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**said, **changes}), "utf-8")


def test_a_preset_in_format_1_gives_the_logits_that_it_gave():
    model = zoo.get("full_conv_v5", weights=KEPT / "full_conv_v5")
    expected = np.load(KEPT / "logits.npy")
    np.testing.assert_allclose(logits_of(model), expected, rtol=1e-4, atol=1e-4)
    assert model.input_format == InputFormat(32, 32, frame_rate=12.5, crop=0.875)
    assert model.glosses == GLOSSES
    assert model.config.width == 0.0625


def test_format_1_is_read_as_todays():
    preset = zoo.read_preset(KEPT / "full_conv_v5")
    said = json.loads((preset.path / "metadata.json").read_text("utf-8"))
    assert (preset.config["format"], preset.metadata["format"]) == (FORMAT, FORMAT)
    assert preset.config["input"] == preset.input_format.to_dict()
    assert preset.metadata["source_recipes"] == ["scratch", "len_video"]
    assert preset.metadata["training"]["settings_format"] == 1
    assert preset.metadata["training"]["settings"] == said["training"]["settings"]
    for same in ("wer", "seeds", "files", "parameters", "date"):
        assert preset.metadata[same] == said[same]
    assert zoo.verify(KEPT, say=lambda line: None) == []


def test_a_zoo_is_renewed_with_its_weights_and_figures(old):
    before = zoo.read_preset(old / "full_conv_v5")
    weights = before.weights.read_bytes()
    zoo.renew(old, say=lambda line: None)
    after = zoo.read_preset(old / "full_conv_v5")
    for file in ("config.json", "metadata.json"):
        assert json.loads((after.path / file).read_text("utf-8"))["format"] == FORMAT
    assert after.weights.read_bytes() == weights
    assert after.glosses == before.glosses
    assert {**after.metadata, "files": 0} == {**before.metadata, "files": 0}
    assert after.config == before.config
    assert read_index(old)["full_conv_v5"]["wer"] == {
        split: one["wer"] for split, one in after.metadata["wer"].items()
    }
    assert zoo.verify(old, say=lambda line: None) == []
    zoo.renew(old, say=lambda line: None)
    assert zoo.read_preset(old / "full_conv_v5").metadata == after.metadata


@pytest.mark.parametrize("file", ["config.json", "metadata.json"])
def test_a_newer_format_is_one_sentence(old, file):
    path = old / "full_conv_v5"
    rewritten(path / file, format=FORMAT + 1)
    metadata = json.loads((path / "metadata.json").read_text("utf-8"))
    if file != "metadata.json":
        metadata["files"][file]["sha256"] = zoo.preset.sha256(path / file)
        rewritten(path / "metadata.json", files=metadata["files"])
    known = rf"reads formats up to {FORMAT}: install a newer one\.$"
    message = rf"{file} has format {FORMAT + 1}, .* {known}"
    with pytest.raises(zoo.PresetError, match=message):
        zoo.get("full_conv_v5", weights=path)


@pytest.mark.parametrize("number", [FORMAT + 1, 0, "2", None])
def test_a_zoo_whose_index_has_another_format_is_refused(old, number):
    rewritten(old / "index.json", format=number)
    (problem,) = zoo.verify(old)
    assert f"index.json has format {number}" in problem


def test_names_of_classes_play_no_part_in_a_weights_file(tmp_path):
    kept = KEPT / "full_conv_v5" / "model.weights.h5"
    path = tmp_path / "renamed.weights.h5"
    with h5py.File(kept, "r") as old, h5py.File(path, "w") as new:
        for number, group in enumerate(reversed(old["layers"].values())):
            old.copy(group, new, f"layers/class_{number}")
    model = zoo.get("full_conv_v5", path, frame_size=32, width=0.0625)
    expected = np.load(KEPT / "logits.npy")
    np.testing.assert_allclose(logits_of(model), expected, rtol=1e-4, atol=1e-4)
