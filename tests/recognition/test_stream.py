import functools

import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.data import ClipError
from dtf_keras.data.clip_kinds import draw_hand
from dtf_keras.data.footage.video import Video
from dtf_keras.decoding import DecoderOptions
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import HandLandmarks, in_palm_lengths
from dtf_keras.recognition import StepModel, Stream, example_clip
from tests.helpers import clips, small
from tests.helpers.backends import called
from tests.helpers.moving_hands import moving_hand, without

NAME = "full_conv_v10"
ALL, TIP = range(21), [8]
GAPS = [(1.0, 1.2, ALL), (2.0, 2.25, TIP), (3.0, 3.8, ALL), (5.0, 5.6, TIP)]
every_model = pytest.mark.parametrize("name", models.names())


@functools.cache
def hand_model(name):
    """A small untrained model of hand landmarks whose classes all win now and then."""
    made = small.build(name, input="landmarks")
    points = in_palm_lengths(moving_hand(np.arange(150) / 25), 25)
    called(made, {"landmarks": points[None]}, training=True)
    made.glosses = clips.GLOSSES
    clips.let_all_win(made, points)
    return made


def bounded(made):
    if made.time_axis.before is None:
        pytest.skip("a step of it sees the whole clip")
    return made


def assert_same(found, expected):
    assert [(g.gloss, g.start, g.end) for g in found] == [
        (g.gloss, g.start, g.end) for g in expected
    ]
    confidences = ([g.confidence for g in clip] for clip in (found, expected))
    np.testing.assert_allclose(*confidences, atol=2e-3)


@every_model
def test_a_stream_of_pictures_recognizes_what_the_whole_clip_does(name):
    made = bounded(clips.model(name))
    frames = small.video([150], 150)[0]
    stream, returned = Stream(made), ()
    for number, frame in enumerate(frames[:40]):
        returned += stream.push(frame, number / 25)
    returned += stream.extend(frames[40:], np.arange(40, 150) / 25)
    assert len(stream.settled) > 5
    returned += stream.finish()
    assert_same(returned, made.recognize(frames))
    assert (returned, stream.pending) == (stream.settled, ())


@every_model
def test_a_stream_of_points_recognizes_what_the_whole_clip_does(name):
    made = bounded(hand_model(name))
    times = np.cumsum(np.random.default_rng(2).uniform(0.01, 0.06, 180))
    times -= times[0]
    points = without(moving_hand(times), times, GAPS)
    landmarks = HandLandmarks(points, times=times)
    stream = Stream(made)
    for time, one in zip(times[:60], points, strict=False):
        stream.push(one, time)
    stream.extend(points[60:], times[60:])
    stream.finish()
    expected = made.recognize(landmarks)
    assert len(expected) > 5
    assert_same(stream.settled, expected)
    together = Stream(made)
    together.extend(landmarks)
    together.finish()
    assert_same(together.settled, expected)


@pytest.mark.parametrize("rate", [12, 25, 30, 60])
def test_pictures_may_come_at_any_rate(rate):
    made = clips.model(NAME)
    frames = small.video([6 * rate], 6 * rate)[0]
    stream = Stream(made)
    stream.extend(frames, np.arange(len(frames)) / rate)
    stream.finish()
    assert_same(stream.settled, made.recognize(frames, frame_rate=rate))


def test_what_is_settled_stays_and_what_is_pending_is_as_if_the_clip_ended_here():
    made = clips.model(NAME)
    frames = small.video([100], 100)[0]
    stream, before = Stream(made), ()
    ready = (made.time_axis.after + 1) % made.time_axis.stride
    for number, frame in enumerate(frames):
        stream.push(frame, number / 25)
        assert stream.settled[: len(before)] == before
        before = stream.settled
        # The last frame waits for the next one to tell that it lasts.
        if number > 20 and number % 20 == ready:
            said = stream.settled + stream.pending
            assert_same(said, made.recognize(frames[:number]))
    assert len(before) > 5


def test_a_step_is_settled_when_the_latency_is_over():
    made = clips.model(NAME)
    frames = small.video([150], 150)[0]
    assert Stream(made).latency == (made.time_axis.after + 1) / 25
    stream = Stream(made)
    for number, frame in enumerate(frames):
        for gloss in stream.push(frame, number / 25):
            # The step behind it, at `end`, is what settles it.
            assert number / 25 - gloss.end == pytest.approx(stream.latency)
    assert len(stream.settled) > 5


def test_times_are_on_the_clock_of_the_frames():
    made = clips.model(NAME)
    frames = small.video([60], 60)[0]
    stream = Stream(made)
    stream.extend(frames, 1000 + np.arange(60) / 25)
    stream.finish()
    plain = made.recognize(frames)
    assert stream.seconds == 1000 + 59 / 25
    starts = [g.start - 1000 for g in stream.settled]
    np.testing.assert_allclose(starts, [g.start for g in plain], atol=1e-9)


def test_repeated_glosses_can_be_merged():
    made = clips.model(NAME)
    kernel, bias = made.get_layer("classifier").get_weights()
    frames = small.video([150], 150)[0]
    logits = clips.whole_logits(made, frames)
    other = np.full_like(bias, -100)  # blanks and A, as often as each other
    other[:2] = np.median(logits[:, 1] - logits[:, 0]), 0
    made.get_layer("classifier").set_weights([kernel, bias + other])
    try:
        merged = DecoderOptions(merge_repeated_glosses=True)
        stream = Stream(made, merged)
        stream.extend(frames, np.arange(150) / 25)
        stream.finish()
        expected = made.recognize(frames, decoder=merged)
        assert 1 == len(expected) < len(made.recognize(frames))
        assert_same(stream.settled, expected)
    finally:
        made.get_layer("classifier").set_weights([kernel, bias])


class FakeFinder:
    """Finds the points that it is told, and keeps what it is shown."""

    def __init__(self, points):
        self.points, self.shown = list(points), []

    def find(self, frame, seconds):
        self.shown.append((frame, seconds))
        return self.points[len(self.shown) - 1]


def test_hands_are_found_in_pictures():
    made = hand_model(NAME)
    times = np.arange(120) / 25
    points = moving_hand(times)
    hands = [None if 60 <= n < 70 else one for n, one in enumerate(points)]
    points[60:70] = np.nan
    finder, picture = FakeFinder(hands), np.zeros((48, 64, 3), "uint8")
    stream = Stream(made, finder=finder)
    assert stream.unseen == 0
    for number, time in enumerate(times):
        stream.push(picture, time)
        gone = max(0, number - 59) if number < 70 else 0
        assert stream.unseen == pytest.approx(gone / 25)
    stream.finish()
    assert finder.shown[-1][0] is picture
    assert [time for _, time in finder.shown] == times.tolist()
    assert_same(stream.settled, made.recognize(HandLandmarks(points, frame_rate=25)))


@pytest.fixture
def drawn_hands():
    """A model that reads drawn hands."""
    made = small.build(NAME)
    made.glosses = clips.GLOSSES
    made.input_format = InputFormat(32, 32, kind="drawn_hand")
    return made


def test_hands_are_looked_for_in_as_many_pictures_as_say_something():
    finder, picture = FakeFinder([None] * 60), np.zeros((48, 64, 3), "uint8")
    Stream(hand_model(NAME), finder=finder).extend([picture] * 60, np.arange(60) / 60)
    assert len(finder.shown) == 30


def test_hands_are_drawn_for_a_model_of_drawn_hands(drawn_hands, monkeypatch):
    seen = []
    steps_of = StepModel.of(drawn_hands)
    monkeypatch.setattr(
        steps_of, "encode", lambda *given: seen.append(given[0]) or encode(*given)
    )
    encode = type(steps_of).encode.__get__(steps_of)
    points = moving_hand(np.arange(60) / 25)
    stream = Stream(drawn_hands)
    stream.extend(points[:31], np.arange(31) / 25)
    stream.extend(points[31:], np.arange(31, 60) / 25)
    stream.finish()
    drawn = draw_hand(in_palm_lengths(points, 25), (32, 32))
    np.testing.assert_array_equal(np.concatenate(seen), np.stack(list(drawn)))


def test_pictures_of_drawn_hands_are_read_as_they_are(drawn_hands):
    clip = example_clip()
    stream = Stream(drawn_hands)
    for seconds, picture in Video(clip, 25).timed(128):
        stream.push(picture, seconds)
    stream.finish()
    assert_same(stream.settled, drawn_hands.recognize(clip))


def test_as_much_is_held_of_a_long_stream_as_of_a_short_one():
    made = hand_model(NAME)
    short = most_held(Stream(made), 20)
    assert most_held(Stream(made), 100) == short


def most_held(stream, seconds):
    """The most that a stream holds, in numbers of frames."""
    times = np.arange(25 * seconds) / 25
    points = moving_hand(times % 8)
    most = np.zeros(5, int)
    for at in range(0, len(times), 10):
        stream.extend(points[at : at + 10], times[at : at + 10])
        held = (
            len(stream._frames._sampler._times),
            len(stream._frames._measure._waiting),
            len(stream._steps._waiting),
            sum(map(len, stream._steps._features._held)),
            sum(map(len, stream._steps._steps._held)),
        )
        most = np.maximum(most, held)
    return most.tolist()


@every_model
def test_a_model_that_sees_the_whole_clip_is_refused(name):
    made = clips.model(name)
    if made.time_axis.before is not None:
        return
    with pytest.raises(ValueError, match=f"{name} depends on the whole clip"):
        Stream(made)


def test_a_beam_search_is_refused():
    for decoder in ("beam", DecoderOptions("beam")):
        with pytest.raises(ValueError, match="decode a stream greedily"):
            Stream(clips.model(NAME), decoder)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (np.zeros((8, 8, 3)), r"uint8 \[H, W, 3\], not float64 \[8, 8, 3\]"),
        (np.zeros((0, 8, 3), "uint8"), r"not uint8 \[0, 8, 3\]"),
        (np.zeros((21, 2)), "reads video: hand landmarks are for"),
        (None, "reads video"),
    ],
)
def test_what_is_no_picture_is_refused(frame, message):
    with pytest.raises(ClipError, match=message):
        Stream(clips.model(NAME)).push(frame, 0)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (np.zeros((20, 2)), r"points of a hand, \[21, 2 or 3\], not float64 \[20, 2\]"),
        (np.zeros((8, 8, 3), "uint8"), "give it a finder"),
    ],
)
def test_what_are_no_points_is_refused(frame, message):
    with pytest.raises(ClipError, match=message):
        Stream(hand_model(NAME)).push(frame, 0)


def test_times_must_rise_and_an_ended_stream_takes_no_frame():
    stream, frame = Stream(clips.model(NAME)), np.zeros((8, 8, 3), "uint8")
    stream.push(frame, 1.0)
    for seconds in (1.0, 0.5, float("nan")):
        with pytest.raises(ValueError, match="times of a stream rise"):
            stream.push(frame, seconds)
    stream.finish()
    assert stream.finish() == ()
    with pytest.raises(ValueError, match="has ended"):
        stream.push(frame, 2.0)


def test_a_stream_without_frames_recognizes_nothing():
    assert Stream(clips.model(NAME)).finish() == ()
