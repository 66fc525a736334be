"""Phrases of ASL Fingerspelling: from tables of landmarks to what a model reads."""

import json
from unittest import mock

import keras
import pytest

from dtf_keras import data, pictures, training
from dtf_keras.commands.evaluate import main as evaluate
from dtf_keras.evaluation import score_files
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import HandLandmarks
from dtf_keras.layers import BlankPadding, FrameMask, HandBackbone, MaskedMaxPooling1D
from dtf_keras.models import Recognizer
from dtf_keras.training.run.model import trained_model
from tests.helpers import spelled_phrases
from tests.helpers.spelled_phrases import HEIGHT, WIDTH, hands

SIZE = {"picture_size": (HEIGHT, WIDTH), "unit": "fractions"}


def build_small_model(name, weights, num_classes, frame_size, width, **options):
    """The backbone of hands and a layer above it: learns the phrases in seconds."""
    assert options == {"input": "landmarks"}
    landmarks = keras.Input((None, 21, 2), name="landmarks")
    num_frames = keras.Input((), dtype="int32", name="num_frames")
    x = HandBackbone(64, name="backbone")(FrameMask()([landmarks, num_frames]))
    x = MaskedMaxPooling1D(4)(x)
    x = keras.layers.Dense(num_classes, dtype="float32", name="classifier")(x)
    return Recognizer(
        inputs={"num_frames": num_frames, "landmarks": landmarks},
        outputs=BlankPadding()(x),
        name=name,
    )


@pytest.fixture
def small_model(monkeypatch, tmp_path):
    monkeypatch.setattr("dtf_keras.zoo.get", build_small_model)
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))


def test_phrases_are_learnt_scored_and_recognized(
    small_model, tmp_path, capsys, monkeypatch
):
    root = spelled_phrases.write_release(tmp_path / "asl")
    config = training.RunConfig(
        data="asl_fingerspelling",
        root=str(root),
        options={"input": "landmarks"},
        epochs=8,
        batch_size=8,
        learning_rate=0.03,
        warmup_steps=1,
    )
    drawn = mock.Mock(wraps=pictures.draw_alignment)
    monkeypatch.setattr(pictures, "draw_alignment", drawn)
    run = training.fit(config, tmp_path / "run")
    _, frames, *_, points = drawn.call_args.args
    assert points.shape == (len(frames), 21, 2)
    out = capsys.readouterr().out
    assert out.count(", dev CER ") == 8
    assert "normalised Levenshtein distance" in out
    history, measured = run.read_history(), run.read_metrics()["wer"]
    assert history[-1]["loss"] < 0.5 * history[0]["loss"]
    assert measured["dev"]["cer"] == min(row["val_wer"] for row in history)
    assert measured["test"]["reference_glosses"] == 20
    assert measured["test"]["words"]["reference_glosses"] == 8
    assert measured["test"]["levenshtein_score"] > 0.6
    glosses = data.Vocabulary.from_file(run.glosses).glosses
    assert glosses[0] == data.SPACE
    assert len(glosses) == 59

    assert evaluate(["--run", str(run.path), "--split", "test"]) == 0
    out = capsys.readouterr().out
    assert f"plain CER, as in training: {measured['test']['cer']:.1f} %" in out
    folder = run.path / "evaluation-test"
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["rules"] == "characters"
    assert scores["characters"] == scores["plain_wer"] == measured["test"]
    files = score_files(folder / "hyp.ctm", folder / "ref.stm", "characters")
    assert files.characters.to_dict() == measured["test"]

    model = trained_model(run)
    assert model.input_format == InputFormat(kind="hand_landmarks")
    seen = hands("ab @b")["right_hand"]
    result = model.recognize(HandLandmarks(seen, frame_rate=30, **SIZE))
    assert str(result) == "a b ␣ @ b"
