import keras
import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.layers import EdgeFrames, SlowFast, TimeGeometry
from dtf_keras.models import registry
from dtf_keras.models.parts.convolutions import two_k5
from dtf_keras.models.parts.plain import PlainConfig, classify, features_of
from dtf_keras.recognition import ClipRecognizer, StepModel
from dtf_keras.recognition.growing_steps import GrowingSteps
from dtf_keras.recognition.step_model import CHUNK
from dtf_keras.recognition.windows import Windows
from tests.helpers import small
from tests.helpers.clips import GLOSSES, model, whole_logits

LONG = 380
every_model = pytest.mark.parametrize("name", models.names())


def require_bounded(name):
    if model(name).time_axis.before is None:
        pytest.skip("a step of it sees the whole clip")


@pytest.fixture(scope="module")
def frames():
    return small.video([LONG], LONG)[0]


def steps(name, frames, **settings):
    recognizer = ClipRecognizer(model(name), **settings)
    return recognizer.steps(recognizer.open(frames))


@every_model
def test_no_step_sees_farther_than_it_is_said(name, frames):
    """Other frames out of its sight change no logit of a step; within, some do."""
    require_bounded(name)
    axis = model(name).time_axis
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


@every_model
def test_windows_give_the_steps_of_the_whole_clip(name, frames):
    require_bounded(name)
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


@every_model
def test_a_clip_read_in_parts_gives_the_logits_of_the_whole_one(name, frames):
    found = steps(name, frames[:150])
    expected = whole_logits(model(name), frames[:150])
    np.testing.assert_allclose(found.logits, expected, atol=2e-3)
    assert found.num_frames == 150
    if model(name).time_axis.before is not None:
        return
    with pytest.raises(ValueError, match="depends on the whole clip"):
        ClipRecognizer(model(name), window=100)


def test_backbones_that_see_several_frames_are_windowed_exactly(several_frames):
    """Frames become features in parts that overlap by what a feature sees."""
    made = small.build(several_frames)
    made.glosses = GLOSSES
    clip = small.video([100], 100)[0]
    step_model = StepModel.of(made)
    parts = list(step_model.features(clip))
    assert len(parts) > 2
    np.testing.assert_array_equal(np.concatenate([p for _, p in parts]), np.arange(100))
    features = keras.Model(made.inputs, made.time_axis.cut()).predict_on_batch(
        {"num_frames": np.array([100]), "video": clip[None].astype("float32") / 255}
    )
    got = np.concatenate([values for values, _ in parts])
    np.testing.assert_allclose(got, features[0], atol=1e-5)
    recognizer = ClipRecognizer(made, window=64)
    found = recognizer.steps(recognizer.open(clip))
    np.testing.assert_allclose(found.logits, whole_logits(made, clip), atol=1e-4)


def test_windows_of_a_backbone_of_two_speeds_begin_where_it_allows(two_speeds):
    """With the frames that are repeated before and behind the clip."""
    made = small.build(two_speeds)
    made.glosses = GLOSSES
    rng = np.random.default_rng(0)
    for variable in made.get_layer("backbone").trainable_variables:
        variable.assign_add(0.1 * rng.normal(size=variable.shape))
    clip = small.video([122], 122)[0]
    step_model = StepModel.of(made)
    assert step_model.seeing.grid == 4 != step_model.seeing.stride
    parts = list(step_model.features(clip))
    assert len(parts) > 2
    places = np.concatenate([places for _, places in parts])
    np.testing.assert_array_equal(places, np.arange(-6, 124 + 6))
    features = keras.Model(made.inputs, made.time_axis.cut()).predict_on_batch(
        {"num_frames": np.array([122]), "video": clip[None].astype("float32") / 255}
    )
    got = np.concatenate([values for values, _ in parts])
    np.testing.assert_allclose(got, features[0], atol=1e-4)
    whole = whole_logits(made, clip)
    recognizer = ClipRecognizer(made, window=64)
    found = recognizer.steps(recognizer.open(clip))
    np.testing.assert_allclose(found.logits, whole, atol=1e-4)
    growing = GrowingSteps(step_model)
    settled = [growing.push(list(clip[at : at + 26])) for at in range(0, 122, 26)]
    settled.append(growing.finish())
    logits = np.concatenate([one.logits for one in settled if len(one.logits)])
    np.testing.assert_allclose(logits, whole, atol=1e-4)


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
        # One frame more tells that a chunk is not the last.
        assert read <= number * hop + windows.length + CHUNK + 1


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


@keras.saving.register_keras_serializable(package="test")
class NearbyFrames(keras.layers.Layer):
    """The mean of each frame with the two before it and the one after it."""

    supports_masking = True

    def call(self, video, mask=None):
        if mask is not None:
            real = keras.ops.cast(mask, video.dtype)[:, :, None, None, None]
            video = video * real
        padded = keras.ops.pad(video, [(0, 0), (2, 1), (0, 0), (0, 0), (0, 0)])
        length = keras.ops.shape(video)[1]
        return sum(padded[:, at : at + length] for at in range(4)) / 4

    def time_geometry(self):
        return TimeGeometry(before=2, after=1)


@pytest.fixture
def several_frames(monkeypatch):
    """The name of a network whose features see several frames."""
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))

    @models.register(PlainConfig, "nearby frames, frame backbone, convolutions")
    def nearby_frames(inputs, config):
        video = NearbyFrames(name="nearby")(inputs["video"])
        return classify(two_k5(features_of({"video": video}, config), config), config)

    return "nearby_frames"


@pytest.fixture
def two_speeds(monkeypatch):
    """The name of a network whose backbone reads every fourth frame apart."""
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))

    @models.register(PlainConfig, "edge frames, SlowFast, convolutions")
    def two_speeds(inputs, config):
        video = EdgeFrames(6, 4, name="edges")(inputs["video"])
        features = SlowFast((1,), config.width, name="backbone")(video)
        return classify(two_k5(features, config), config)

    return "two_speeds"
