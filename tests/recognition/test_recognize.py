import itertools

import keras
import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.data import ClipError
from dtf_keras.decoding import DecoderOptions, greedy
from dtf_keras.recognition import ClipRecognizer, Recognition
from tests.helpers import small
from tests.helpers.clips import GLOSSES, model, whole_logits, write_video

NAME = "full_conv_v10"


def clip(num_frames, seed=0):
    return small.video([num_frames], num_frames, seed)[0]


@pytest.mark.parametrize("name", models.names())
def test_the_steps_are_those_of_the_model(name):
    recognizer = ClipRecognizer(model(name))
    for num_frames in (49, 61, 64):
        frames = clip(num_frames)
        steps = recognizer.steps(recognizer.open(frames))
        expected = whole_logits(model(name), frames)
        np.testing.assert_allclose(steps.logits, expected, atol=2e-3)
        assert (np.diff(steps.frames) > 0).all()
        assert len(steps.frames) == len(steps.logits)
        assert steps.num_frames == num_frames


def test_a_video_gives_what_its_frames_give(tmp_path):
    frames = clip(61)
    path = write_video(tmp_path / "clip.mkv", list(frames))
    result = model(NAME).recognize(path)
    assert isinstance(result, Recognition)
    (ids,) = greedy(whole_logits(model(NAME), frames)[None])
    assert [g.gloss for g in result] == [GLOSSES[i - 1] for i in ids]
    assert len(result) > 2
    assert str(result) == " ".join(g.gloss for g in result)
    assert result.clip == str(path)
    assert result.seconds == 61 / 25
    assert all(0 <= g.start < g.end <= result.seconds for g in result)
    assert all(a.end <= b.start for a, b in itertools.pairwise(result))
    assert all(0 < g.confidence <= 1 for g in result)


def test_a_list_of_clips_gives_a_list():
    one, two = clip(61, 1), clip(61, 2)
    results = model(NAME).recognize([one, two])
    assert [r.glosses for r in results] == [
        model(NAME).recognize(one).glosses,
        model(NAME).recognize(two).glosses,
    ]
    assert model(NAME).recognize([]) == []


def test_other_kinds_of_pixels_give_the_same():
    frames = clip(61)
    plain = model(NAME).recognize(frames)
    assert model(NAME).recognize(frames / np.float32(255)) == plain
    assert model(NAME).recognize(frames.astype("int64")) == plain
    assert model(NAME).recognize(keras.ops.convert_to_tensor(frames)) == plain


def test_times_are_those_of_the_clip_whatever_its_frame_rate():
    frames = clip(61)
    plain = model(NAME).recognize(frames)
    fast = model(NAME).recognize(np.repeat(frames, 2, axis=0), frame_rate=50)
    assert [(g.gloss, g.start, g.end) for g in fast] == [
        (g.gloss, g.start, g.end) for g in plain
    ]


@pytest.mark.parametrize("decoder", [None, "beam", DecoderOptions("beam", width=8)])
def test_the_best_sequences_come_in_their_order(decoder):
    result = model(NAME).recognize(clip(61), num_best=4, decoder=decoder)
    assert len(result.alternatives) == 4
    assert result.alternatives[0].glosses == result.glosses
    scores = [a.score for a in result.alternatives]
    assert scores == sorted(scores, reverse=True)
    assert len({str(a) for a in result.alternatives}) == 4
    greedy_one = model(NAME).recognize(clip(61))
    assert [str(a) for a in greedy_one.alternatives] == [str(greedy_one)]


def test_recognizing_leaves_the_model_as_it_was(tmp_path):
    made = small.build(NAME)
    made.glosses = GLOSSES
    inputs = small.inputs([16, 12])
    before, weights = made.predict_on_batch(inputs), [w.path for w in made.weights]
    layers = len(made.layers)
    made.recognize(clip(20))
    np.testing.assert_array_equal(made.predict_on_batch(inputs), before)
    assert [w.path for w in made.weights] == weights
    assert len(made.layers) == layers
    made.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict_on_batch(inputs), before, atol=1e-6)


def test_new_weights_are_used_at_once():
    made = small.build(NAME)
    made.glosses = GLOSSES
    recognizer = ClipRecognizer(made)
    first = recognizer.steps(recognizer.open(clip(20))).logits
    made.get_layer("backbone").set_weights(
        [1.5 * w for w in made.get_layer("backbone").get_weights()]
    )
    second = recognizer.steps(recognizer.open(clip(20))).logits
    assert np.abs(first - second).max() > 0


def test_a_model_that_nobody_trained_says_so():
    made = small.build(NAME)
    with pytest.raises(ValueError, match=r"has no glosses: .* set model\.glosses"):
        made.recognize(clip(20))
    made.glosses = ("A", "B")
    with pytest.raises(ValueError, match=r"5 glosses .* 2"):
        made.recognize(clip(20))


def test_a_clip_too_short_for_one_step_is_named():
    with pytest.raises(ClipError, match=r"^Clip number 1 has 3 frames"):
        model(NAME).recognize([clip(20), clip(3)])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_best": 0}, "num_best"),
        ({"num_best": 1.5}, r"num_best must be a whole number .* 1\.5"),
        ({"num_best": "2"}, "num_best must be a whole number .* '2'"),
        ({"frame_rate": "25"}, "frame_rate must be a number .* '25'"),
        ({"num_best": 2, "decoder": "greedy"}, "take the decoder 'beam'"),
        ({"decoder": "viterbi"}, "'viterbi'"),
        ({"overlap": -1}, "overlap"),
        ({"window": 8}, "does not move on"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        model(NAME).recognize(clip(20), **settings)
