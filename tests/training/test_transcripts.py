import functools

import numpy as np
import pytest

from dtf_keras import data, decoding
from dtf_keras.eta import Eta
from dtf_keras.training import transcribe
from dtf_keras.training.scoring.timed_rows import recognize
from tests.helpers.coloured_frames import build_small_model

pytestmark = pytest.mark.usefixtures("small_config")
IMPOSSIBLE = -1e9


TIME_AXIS = build_small_model("any", None, 5, 32, 1).time_axis  # a step in 4 frames


class FakeModel:
    """Four real steps a clip: class `clip_index + 1` twice, then blank."""

    time_axis = TIME_AXIS

    def predict_on_batch(self, inputs):
        logits = np.zeros((len(inputs["clip_index"]), 5, 5), "float32")
        for row, clip in enumerate(inputs["clip_index"]):
            logits[row, :2, clip % 4 + 1] = 9
            logits[row, 2:4, 0] = 9
        logits[:, 4:, 1:] = IMPOSSIBLE
        return logits


@pytest.fixture
def corpus(small_config):
    return data.load("coloured_frames", "dev", num_clips=6)


def test_recognized_glosses_have_times_in_seconds_of_their_clip(corpus):
    clips = recognize(FakeModel(), corpus, batch_size=4)
    assert [row.gloss for rows in clips for row in rows] == list("ABCDAB")
    [row] = clips[2]
    assert row.clip_id == corpus.clips[2].id
    assert row.start == 0
    assert row.duration == 8 / 25
    assert row.confidence == pytest.approx(np.exp(9) / (np.exp(9) + 4), rel=1e-4)


def test_a_clip_in_no_batch_is_named(corpus, monkeypatch):
    batches = list(corpus.batches(4))
    monkeypatch.setattr(corpus, "batches", lambda *_, **__: batches[:1])
    with pytest.raises(RuntimeError, match="was in no batch"):
        transcribe(FakeModel(), corpus, batch_size=4)


def test_long_work_says_how_long_it_will_take(corpus, monkeypatch):
    monkeypatch.setattr(Eta.__init__, "__defaults__", (print, 0))
    lines = []
    recognize(FakeModel(), corpus, batch_size=4, say=lines.append)
    assert lines[0] == "  4/6 clips, measuring the time to go"
    assert lines[1] == "  6/6 clips, about 0:00 to go"


class Undecided:
    """Blank is the most probable class, `A` the most probable transcription."""

    time_axis = TIME_AXIS

    def predict_on_batch(self, inputs):
        step = np.log([0.4, 0.35, 0.25, 1e-30, 1e-30])
        return np.tile(step, (len(inputs["clip_index"]), 2, 1))


def test_a_decoder_can_be_given():
    dev = data.load("coloured_frames", "dev", num_clips=2)
    assert transcribe(Undecided(), dev) == [[], []]
    beam = functools.partial(decoding.decode, strategy="beam", width=5)
    assert transcribe(Undecided(), dev, decoder=beam) == [["A"], ["A"]]
