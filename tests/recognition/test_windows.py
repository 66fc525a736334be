import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.recognition import ClipRecognizer, StepModel
from dtf_keras.recognition.step_model import CHUNK
from dtf_keras.recognition.windows import Windows
from tests.helpers import small
from tests.helpers.clips import model, whole_logits

WHOLE = ["full_conv_v3", "full_conv_v6", "full_conv_v7"]  # a step sees the whole clip
# One of each kind: pooled, fused before and after the pooling, merged.
BOUNDED = ["full_conv", "full_conv_v9", "full_conv_v8"]
LONG = 380


@pytest.fixture(scope="module")
def frames():
    return small.video([LONG], LONG)[0]


def steps(name, frames, **settings):
    recognizer = ClipRecognizer(model(name), **settings)
    return recognizer.steps(recognizer.open(frames))


def test_which_models_see_a_bounded_part_of_a_clip():
    found = [n for n in models.names() if StepModel.of(model(n)).axis.before is None]
    assert found == sorted(WHOLE)


@pytest.mark.parametrize("name", BOUNDED)
def test_no_step_sees_farther_than_it_is_said(name, frames):
    """Other frames out of its sight change no logit of a step; within, some do."""
    axis = StepModel.of(model(name)).axis
    short = frames[:190].copy()
    middle = 92
    plain = steps(name, short, window=1000)
    place = int(np.searchsorted(plain.frames, middle))
    first = int(plain.frames[place])
    for changed, inside in (
        (slice(0, first - axis.before), slice(first - 8, first)),
        (slice(first + axis.after + 1, None), slice(first, first + 8)),
    ):
        other = short.copy()
        other[changed] = 255 - other[changed]
        new = steps(name, other, window=1000)
        (where,) = np.flatnonzero(new.frames == first)
        np.testing.assert_allclose(new.logits[where], plain.logits[place], atol=2e-3)
        other[inside] = 255 - other[inside]
        new = steps(name, other, window=1000)
        where = np.flatnonzero(new.frames == first)
        changes = [np.abs(new.logits[w] - plain.logits[place]).max() for w in where]
        assert not changes or changes[0] > 0.01


@pytest.mark.parametrize("name", BOUNDED)
def test_windows_give_the_steps_of_the_whole_clip(name, frames):
    whole = steps(name, frames, window=1000)
    cut = steps(name, frames, window=180)
    np.testing.assert_array_equal(cut.frames, whole.frames)
    np.testing.assert_allclose(cut.logits, whole.logits, atol=2e-3)
    assert cut.num_frames == whole.num_frames == LONG


@pytest.mark.parametrize("overlap", [0, 8])
def test_with_less_overlap_they_do_so_away_from_the_cuts(overlap, frames):
    name = "full_conv_v10"
    axis = StepModel.of(model(name)).axis
    whole = steps(name, frames, window=1000)
    cut = steps(name, frames, window=160, overlap=overlap)
    np.testing.assert_array_equal(cut.frames, whole.frames)
    windows = Windows.of(axis, name, 160, overlap)
    cuts = np.arange(1, 3) * (160 - overlap) + windows.cut
    distance = np.abs(whole.frames[:, None] - cuts).min(axis=1)
    away = distance > axis.before + axis.after
    assert away.sum() > 5
    np.testing.assert_allclose(cut.logits[away], whole.logits[away], atol=2e-3)
    assert np.abs(cut.logits - whole.logits).max() > 0.01


@pytest.mark.parametrize("name", WHOLE)
def test_models_that_see_the_whole_clip_are_not_cut(name, frames):
    whole = steps(name, frames[:300])
    expected = whole_logits(model(name), frames[:300])
    np.testing.assert_allclose(whole.logits, expected, atol=2e-3)
    with pytest.raises(ValueError, match="depends on the whole clip"):
        ClipRecognizer(model(name), window=100)


def test_few_frames_and_one_window_of_features_are_held(frames, monkeypatch):
    step_model = StepModel.of(model("full_conv_v10"))
    windows = Windows.of(step_model.axis, "full_conv_v10")
    seen, taken = [], 0

    def stream():
        nonlocal taken
        for number in range(1200):
            taken += 1
            yield frames[number % LONG]

    def watched(features, *args):
        seen.append((taken, len(features)))
        return StepModel.steps(step_model, features, *args)

    monkeypatch.setattr(step_model, "steps", watched)
    found = step_model.clip_steps(stream(), windows)
    assert len(found.frames) == 1200 // 4
    assert max(length for _, length in seen) == windows.length
    hop = windows.length - windows.overlap
    for number, (read, _) in enumerate(seen[:-1]):
        assert read <= number * hop + windows.length + CHUNK


def test_clips_of_many_lengths_meet_few_shapes(frames, monkeypatch):
    shapes = set()
    step_model = StepModel.of(model("full_conv_v5"))
    rest = step_model._rest_model(False)

    def watched(inputs):
        shapes.add(inputs["frames"].shape)
        return type(rest).predict_on_batch(rest, inputs)

    monkeypatch.setattr(rest, "predict_on_batch", watched)
    for length in range(60, 100, 10):
        model("full_conv_v5").recognize(frames[:length])
    assert {shape[1] for shape in shapes} == {64, 96}
