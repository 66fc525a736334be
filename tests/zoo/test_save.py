import dataclasses
import json

import h5py
import keras
import numpy as np
import pytest

from dtf_keras import evaluation, models, zoo
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.models import build, make_config
from dtf_keras.zoo.preset import sha256
from dtf_keras.zoo.upgrade import FORMAT
from tests.helpers import small
from tests.helpers.small_presets import GLOSSES, SMALL, WER, small_model

OURS = models.entry("mltsf").ours
HALF = InputFormat(32, 32, frame_rate=12.5, crop=0.5)


@pytest.fixture(scope="module")
def model():
    return small_model("full_conv_v8", source_padding=True)


def names(path):
    return sorted(file.name for file in path.iterdir())


def test_a_preset_says_all_that_makes_the_model_again(model, tmp_path):
    path = tmp_path / "new" / "mine"
    reads = InputFormat(32, 32, frame_rate=12.5, crop=0.875, resize="lanczos")
    preset = zoo.save_preset(model, path, glosses=GLOSSES, input_format=reads)
    assert names(path) == sorted(
        ["README.md", "config.json", "glosses.txt", "metadata.json", "model.weights.h5"]
    )
    assert names(path.parent) == ["mine"]
    assert (path / "glosses.txt").read_text("utf-8").splitlines() == list(GLOSSES)
    assert preset.config["options"] == dataclasses.asdict(model.config)
    assert preset.config["input"] == reads.to_dict()
    for name in ("config", "metadata"):
        assert (
            json.loads((path / f"{name}.json").read_text("utf-8"))["format"] == FORMAT
        )
    again = zoo.get("full_conv_v8", weights=path)
    assert again.config == model.config
    assert (again.input_format, again.glosses) == (reads, GLOSSES)
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_metadata_has_the_hash_and_size_of_every_other_file(model, tmp_path):
    path = zoo.save_preset(model, tmp_path / "mine", glosses=GLOSSES).path
    metadata = json.loads((path / "metadata.json").read_text("utf-8"))
    assert sorted([*metadata["files"], "metadata.json"]) == names(path)
    for name, facts in metadata["files"].items():
        assert facts["bytes"] == (path / name).stat().st_size
        assert facts["sha256"] == sha256(path / name)


def test_what_is_given_again_is_what_was_loaded(model, tmp_path):
    path = tmp_path / "one"
    zoo.save_preset(model, path, glosses=GLOSSES, input_format=HALF)
    loaded = zoo.get("full_conv_v8", weights=path)
    again = zoo.save_preset(loaded, tmp_path / "two")
    assert (again.input_format, again.glosses) == (HALF, GLOSSES)


@pytest.mark.filterwarnings("ignore:.*the last is fresh")
def test_another_vocabulary_is_saved_with_the_same_input(model, tmp_path):
    path = tmp_path / "one"
    zoo.save_preset(model, path, glosses=GLOSSES, input_format=HALF)
    other = zoo.get("full_conv_v8", weights=path, num_classes=3)
    unnamed = zoo.save_preset(other, tmp_path / "two")
    named = zoo.save_preset(other, tmp_path / "three", glosses=["UP", "DOWN"])
    assert (unnamed.input_format, unnamed.glosses) == (HALF, None)
    assert (named.input_format, named.glosses) == (HALF, ("UP", "DOWN"))


def test_a_model_of_frames_that_are_not_square_is_saved_as_such(tmp_path):
    config = make_config("full_conv", **{**SMALL, "frame_size": (32, 48)})
    model = build("full_conv", config)
    zoo.save_preset(model, tmp_path / "wide")
    again = zoo.get("full_conv", tmp_path / "wide")
    assert again.config == config
    assert again.input_format.frame_size == (32, 48)
    assert "RGB frames of 32 x 48" in (tmp_path / "wide/README.md").read_text("utf-8")


def test_a_preset_says_how_its_glosses_are_read_off(model, tmp_path):
    own = DecoderOptions("beam", 3, language_model="of.arpa")
    kept = dataclasses.replace(own, language_model=None)
    assert zoo.save_preset(model, tmp_path / "none").decoder is None
    preset = zoo.save_preset(model, tmp_path / "one", decoder=own)
    assert preset.decoder == kept
    card = (preset.path / "README.md").read_text("utf-8")
    assert "glosses are read off by prefix beam search of width 3." in card
    loaded = zoo.get("full_conv_v8", weights=preset.path)
    assert loaded.decoder == kept
    assert zoo.save_preset(loaded, tmp_path / "two").decoder == kept


def test_float16_halves_the_file_and_rounds_the_weights(model, tmp_path):
    whole = zoo.save_preset(model, tmp_path / "whole").weights
    half = zoo.save_preset(model, tmp_path / "half", dtype="float16").weights
    saved = model.count_params() * 2
    assert whole.stat().st_size - half.stat().st_size == pytest.approx(saved, rel=0.05)
    loaded = zoo.get("full_conv_v8", weights=tmp_path / "half").get_weights()
    for one, other in zip(loaded, model.get_weights(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other.astype("float16"))


def test_a_weight_that_float16_cannot_hold_is_refused(tmp_path):
    model = small_model("full_conv")
    model.get_layer("classifier").bias.assign(np.full(6, 1e5))
    with pytest.raises(zoo.PresetError, match=r"too large for float16: use float32"):
        zoo.save_preset(model, tmp_path / "mine", dtype="float16")
    assert names(tmp_path) == []


def test_the_state_of_training_stays_behind(tmp_path):
    model = small_model("full_conv")
    model.compile()
    inputs = {"video": np.zeros((1, 8, 32, 32, 3), "float32")}
    model.optimizer.build(model.trainable_variables)
    path = zoo.save_preset(model, tmp_path / "mine").weights
    with h5py.File(path) as file:
        assert "optimizer" not in file
    trained = zoo.get("full_conv", weights=tmp_path / "mine")
    np.testing.assert_array_equal(
        trained.predict_on_batch(inputs), model.predict_on_batch(inputs)
    )


def test_the_card_keeps_measured_and_reported_apart(model, tmp_path):
    details = zoo.PresetDetails(
        corpus="fingerspelling",
        seed=1,
        wer={"dev": {**WER, "wer": 12.3}, "test": WER},
        seeds=({"seed": 2, "dev": 11.0, "test": 9.0}, {"seed": 1, "dev": 1, "test": 2}),
        license="MIT",
        limits=("It has seen no rain.",),
    )
    path = zoo.save_preset(model, tmp_path / "mine", details=details).path
    card = (path / "README.md").read_text("utf-8")
    measured, reported = card.split("## Reported by the source, not measured here")
    (figure,) = models.reported("full_conv_v8")
    assert "| dev | 12.3 % | 27 | 2 | 1 | 100 |" in measured
    assert "| 2 | 11.0 % | 9.0 % |" in measured
    assert str(figure.wer) not in measured
    assert f"| default | phoenix2014 | dev | {figure.wer} % | README |" in reported
    assert "PanXiebit/dynamic_temporal_fusion" in reported
    assert "PanXiebit" not in measured
    assert "license: mit" in measured
    assert "- It has seen no rain." in reported
    assert 'zoo.get("full_conv_v8", weights="mine")' in measured


def test_the_card_says_what_is_our_reading_of_a_source(tmp_path):
    reading = small.shared("mltsf")
    path = tmp_path / "mine"
    zoo.save_preset(reading, path, glosses=GLOSSES, input_format=HALF)
    card = (path / "README.md").read_text("utf-8")
    assert f"arXiv 2107.12762; no code of it is known. {OURS}" in card
    assert OURS.startswith("This is our reading of its abstract")


def test_the_card_of_characters_names_their_rates(model, tmp_path):
    errors = evaluation.character_errors([list("go␣on")], [list("go␣in")]).to_dict()
    details = zoo.PresetDetails(corpus="asl_fingerspelling", wer={"dev": errors})
    path = zoo.save_preset(model, tmp_path / "mine", details=details).path
    card = (path / "README.md").read_text("utf-8")
    assert "| split | CER |" in card
    assert "| dev | 20.0 % | 1 | 0 | 0 | 5 |" in card
    assert "| dev | 0.8000 | 50.0 % |" in card


def test_a_folder_that_holds_something_is_left_alone(model, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for path in (tmp_path, tmp_path / "notes.txt"):
        for replace in (False, True):
            with pytest.raises(FileExistsError, match="not empty"):
                zoo.save_preset(model, path, name="mine", replace=replace)
    assert names(tmp_path) == ["notes.txt"]


def test_a_preset_is_replaced_on_request_only(model, tmp_path):
    path = tmp_path / "mine"
    zoo.save_preset(model, path)
    with pytest.raises(FileExistsError):
        zoo.save_preset(model, path, glosses=GLOSSES)
    (path / "README.md").write_text("damaged")
    zoo.save_preset(model, path, glosses=GLOSSES, replace=True)
    assert zoo.read_preset(path).glosses == GLOSSES
    assert names(tmp_path) == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"glosses": GLOSSES[1:]}, "5 glosses beside the blank, not 4"),
        ({"glosses": ["A"] * 5}, "twice"),
        ({"input_format": InputFormat(56, 32)}, "frames of 32 px.*says 56x32 px"),
        ({"name": "a/b"}, "cannot name a preset"),
        ({"dtype": "float61"}, "dtype must be one of .*Received: 'float61'"),
        ({"dtype": "bfloat16"}, "must be one of 'float32', 'float16'"),
        (
            {"details": zoo.PresetDetails(source_recipes=("scratch",))},
            "no reported figure of full_conv_v8 by a recipe 'scratch'.* are default",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(
    model, tmp_path, arguments, message
):
    with pytest.raises(ValueError, match=message):
        zoo.save_preset(model, tmp_path / "mine", **arguments)
    assert names(tmp_path) == []


def test_a_model_that_does_not_know_its_options_is_refused(tmp_path):
    model = build("full_conv", make_config("full_conv", num_classes=6, frame_size=32))
    model.config = None
    for other in (model, keras.Model(model.inputs, model.outputs)):
        with pytest.raises(zoo.PresetError, match=r"make it by zoo\.get"):
            zoo.save_preset(other, tmp_path / "mine")
