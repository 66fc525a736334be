import numpy as np
import pytest

from dtf_keras.landmarks import HandLandmarks, PointSampler
from tests.helpers.moving_hands import moving_hand, without

ALL, TIP = range(21), [8]
GAPS = [(0.0, 0.2, ALL), (1.0, 1.2, ALL), (2.0, 2.5, ALL), (3.0, 3.25, TIP)]
GAPS += [(4.0, 4.6, TIP), (5.02, 5.31, ALL), (9.5, 10.0, TIP)]


def times_of(frame_rate, unsteady=0.0):
    steps = np.full(int(10 * frame_rate), 1 / frame_rate)
    steps *= 1 + unsteady * np.random.default_rng(1).uniform(-1, 1, len(steps))
    return 7.0 + np.cumsum(steps)


def pushed(times, points, frame_rate=25.0):
    """What a sampler gives frame by frame, and after how many frames."""
    sampler, given, after = PointSampler(frame_rate), [], []
    for count, (time, one) in enumerate(zip(times, points, strict=True), start=1):
        new = sampler.push(time, one)
        given += new
        after += [count] * len(new)
    return np.stack(given + sampler.finish()), after


@pytest.mark.parametrize("frame_rate", [6, 10, 24, 25, 29.97, 30, 60])
@pytest.mark.parametrize("unsteady", [0.0, 0.6])
def test_frames_are_those_of_the_whole_clip(frame_rate, unsteady):
    times = times_of(frame_rate, unsteady)
    points = without(moving_hand(times), times - 7, GAPS)
    whole = HandLandmarks(points, times=times).at_rate(25.0)
    assert np.isnan(whole[:, 0]).any()
    np.testing.assert_array_equal(pushed(times, points)[0], whole)


def test_a_hand_that_is_seen_is_given_with_the_next_frame():
    times = times_of(25)
    _, after = pushed(times, moving_hand(times))
    assert max(count - place for place, count in enumerate(after)) <= 2


def test_what_is_not_seen_is_waited_for_no_longer_than_it_is_bridged():
    times = times_of(25)
    points = without(moving_hand(times), times - 7, [(3.0, 10.0, TIP)])
    _, after = pushed(times, points)
    assert max(count - place for place, count in enumerate(after)) <= 2 + 0.3 * 25 + 1


def test_no_hand_may_be_none_and_few_frames_are_held():
    sampler = PointSampler(25.0)
    one = moving_hand([0.0])[0]
    for frame in range(5000):
        sampler.push(frame / 30, None if frame % 1000 > 500 else one)
        assert len(sampler._times) <= 2 * 0.3 * 30 + 3


def test_a_clip_of_one_frame_and_of_none():
    sampler = PointSampler(25.0)
    assert sampler.finish() == []
    one = moving_hand([0.0])[0]
    assert sampler.push(3.0, one) == []
    np.testing.assert_array_equal(sampler.finish(), [one])
