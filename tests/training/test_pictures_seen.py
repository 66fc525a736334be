"""Recognition sees the pictures that training saw, whatever corpus they come from."""

import dataclasses
import json

import numpy as np
import pytest

from dtf_keras import data, training
from dtf_keras.commands.trained_model import load_model
from dtf_keras.data.corpora import registry
from dtf_keras.input_format import InputFormat
from dtf_keras.recognition import ClipSource
from dtf_keras.training import SettingError
from dtf_keras.training.run.corpora import load_split
from tests.helpers import miniature
from tests.helpers.coloured_frames import coloured_frames

pytestmark = pytest.mark.usefixtures("small_model")


def framed(split, frame_size=32, num_clips=None):
    """Recordings that are not cropped: colours in a white frame."""
    corpus = coloured_frames(split, frame_size, num_clips)
    read = corpus.read

    def in_white(index):
        frames = read(index).copy()
        frames[:, :4] = frames[:, -4:] = 255
        return frames

    return data.Corpus(
        name="one_of_mine",
        split=split,
        vocabulary=corpus.vocabulary,
        clips=corpus.clips,
        input_format=InputFormat(32, 32, frame_rate=12.5),
        read=in_white,
    )


@pytest.fixture
def own_corpus(monkeypatch):
    monkeypatch.setattr(registry, "_CORPORA", dict(registry._CORPORA))
    data.register("one_of_mine")(framed)


@pytest.fixture
def own_run(own_corpus, small_config, tmp_path):
    config = dataclasses.replace(small_config, data="one_of_mine")
    return training.fit(config, tmp_path / "run")


def seen(model, clip):
    """The frames that recognition gives the model."""
    source = ClipSource(clip, model.input_format.frame_rate)
    return np.stack([*source.frames(model.input_format)])


def test_ones_own_corpus_is_not_cropped_if_it_was_not(own_run):
    dev = data.load("one_of_mine", "dev")
    model = load_model("any", run=own_run.path)
    assert model.input_format == dev.input_format
    transcripts = training.transcribe(model, dev)
    for index in range(4):
        clip = dev.read(index)
        np.testing.assert_array_equal(seen(model, clip), dev.frames(index))
        assert str(model.recognize(clip)) == " ".join(transcripts[index])


def test_a_run_of_format_1_on_it_asks_the_corpus(own_run, monkeypatch):
    saved = own_run.read_config()
    settings = {"data": "one_of_mine", "frame_size": 32}
    own_run.config.write_text(json.dumps({**settings, "made_with": saved.made_with}))
    assert own_run.read_config().input_format is None
    model = load_model("any", run=own_run.path)
    assert model.input_format == saved.input_format
    corpora = {k: v for k, v in registry._CORPORA.items() if k != "one_of_mine"}
    monkeypatch.setattr(registry, "_CORPORA", corpora)
    with pytest.raises(SettingError, match="no corpus 'one_of_mine'"):
        load_model("any", run=own_run.path)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A corpus of pictures of 52 x 42 pixels, listed in tables; its folder."""
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    root = tmp_path / "corpus"
    for split, count in {"train": 16, "dev": 4, "test": 4}.items():
        lines = ["id,path,glosses"]
        for number in range(count):
            name = f"{split}{number}"
            glosses = [str(g) for g in rng.choice(list(miniature.COLOURS), 2)]
            miniature.write_frames(root / name, name, glosses, rng)
            lines.append(f"{name},{name},{' '.join(glosses)}")
        (root / f"{split}.csv").write_text("\n".join(lines))
    return root


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, InputFormat(35, 35, 12.5, 0.875, "bilinear")),
        (
            {"frame_size": (35, 42), "crop": 0.7, "resize": "lanczos"},
            InputFormat(35, 42, 12.5, 0.7, "lanczos"),
        ),
    ],
)
def test_a_table_is_cropped_and_resized_as_in_training(
    settings, expected, table, small_config, tmp_path
):
    config = dataclasses.replace(
        small_config,
        **{
            "data": "table",
            "root": str(table),
            "data_options": {"frame_rate": 12.5},
            "frame_size": 35,
            "epochs": 1,
            **settings,
        },
    )
    run = training.fit(config, tmp_path / "run")
    model = load_model("any", run=run.path)
    dev = load_split(config, "dev")
    assert model.input_format == dev.input_format == expected
    for index in range(2):
        frames = seen(model, table / dev.clips[index].id)
        np.testing.assert_array_equal(frames, dev.frames(index))
    settings = {**settings, "data_options": {"crop": 0.5}}
    with pytest.raises(SettingError, match=r"crop is no option .* give --crop"):
        load_split(dataclasses.replace(config, **settings), "dev")


def test_the_model_says_how_recordings_are_made_ready(table, small_config, monkeypatch):
    from dtf_keras import models

    config = dataclasses.replace(small_config, data="table", root=str(table))
    entry = dataclasses.replace(
        models.entry(config.model), input={"crop": 0.75, "resize": "lanczos"}
    )
    monkeypatch.setattr(models, "entry", lambda name: entry)
    reads = load_split(config, "dev").input_format
    assert (reads.crop, reads.resize) == (0.75, "lanczos")
    config = dataclasses.replace(config, resize="bilinear")
    reads = load_split(config, "dev").input_format
    assert (reads.crop, reads.resize) == (0.75, "bilinear")
    trained_on = InputFormat(32, 32, crop=1.0)
    assert load_split(config, "dev", trained_on).input_format.crop == 1


def test_drawn_pictures_are_never_cropped(small_config):
    config = dataclasses.replace(small_config, data="fingerspelling", num_eval_clips=1)
    assert load_split(config, "dev").input_format.crop == 1.0
    config = dataclasses.replace(config, crop=0.875)
    with pytest.raises(SettingError, match="no option of fingerspelling 'crop'"):
        load_split(config, "dev")


def test_other_pictures_do_not_continue_a_run(own_run, monkeypatch):
    own_run.metrics.unlink()
    saved = own_run.read_config()
    other = dataclasses.replace(saved.input_format, frame_rate=25.0)
    own_run.write_config(saved.config, other, saved.made_with)
    with pytest.raises(SettingError, match=r"was made with input_format .*25"):
        training.resume(own_run.path)
