import numpy as np
import pytest

from dtf_keras.landmarks import FINGERS, PalmMeasure, in_palm_lengths
from dtf_keras.landmarks.palm_lengths import MEMORY, SETTLING, palm_length

RATE = 25.0


def flat_hand(length=1.0):
    """A hand seen from the front, its fingers up: `[21, 2]`, palm `length` long."""
    points = np.zeros((21, 2))
    for number, finger in enumerate(FINGERS):
        for joint, point in enumerate(finger):
            points[point] = 0.15 * (2 - number), -1 - 0.3 * joint
    return points * length / palm_length(points[None])[0]


def clip(frames, rng=None):
    """The hand in so many frames, where it is and how it is held a little different."""
    rng = rng or np.random.default_rng(0)
    shapes = flat_hand() + 0.1 * rng.standard_normal((frames, 21, 2))
    return shapes + np.cumsum(0.05 * rng.standard_normal((frames, 1, 2)), axis=0)


def shapes(points):
    """Where the points are from the wrist."""
    return points - points[:, :1]


@pytest.mark.parametrize("scale", [0.01, 300.0])
def test_size_and_place_in_the_picture_do_not_matter(scale):
    points = clip(60)
    expected = in_palm_lengths(points, RATE)
    other = in_palm_lengths(scale * points + [7.0, -90.0], RATE)
    np.testing.assert_allclose(other, expected, atol=1e-4)
    assert other.dtype == np.float32


def test_a_palm_is_one_long_though_some_frames_show_it_shorter():
    points = np.repeat(40 * flat_hand()[None], 80, axis=0)
    turned = slice(60, 75)  # the hand points at the camera
    points[turned] = 0.3 * points[turned]
    measured = in_palm_lengths(points, RATE)
    np.testing.assert_allclose(shapes(measured)[0], flat_hand(), atol=1e-6)
    lengths = palm_length(measured)
    np.testing.assert_allclose(lengths[:60], 1.0, atol=1e-5)
    np.testing.assert_allclose(lengths[turned], 0.3, atol=1e-5)


def test_a_hand_that_lies_on_its_side_keeps_its_palm():
    wide, narrow = flat_hand(), flat_hand()
    wide[:, 1] *= 0.2  # its fingers point at the camera
    narrow[:, 0] *= 0.2  # its edge does
    for points in (wide, narrow):
        assert palm_length(points[None])[0] > 0.55


def test_the_path_of_the_wrist_is_kept_in_palm_lengths():
    points = np.repeat(20 * flat_hand()[None], 30, axis=0)
    points[10:] += [60.0, 0.0]
    wrist = in_palm_lengths(points, RATE)[:, 0]
    np.testing.assert_allclose(wrist[10] - wrist[9], [3.0, 0.0], atol=1e-5)
    np.testing.assert_allclose(wrist[29] - wrist[10], 0.0, atol=1e-5)


def test_frames_settle_after_a_second_and_then_at_once():
    measure, points = PalmMeasure(RATE), clip(200)
    settled = [len(measure.push(one)) for one in points]
    first = round(SETTLING * RATE)
    assert settled == [0] * (first - 1) + [first] + [1] * (200 - first)
    assert measure.flush() == []


def test_a_camera_gives_what_the_whole_clip_gives():
    points = clip(230)
    points[50:53] = np.nan
    points[90 : 90 + round(RATE * (MEMORY + 1))] = np.nan  # forgotten by then
    points[20:30, 8] = np.nan
    measure = PalmMeasure(RATE)
    live = [frame for one in points for frame in measure.push(one)] + measure.flush()
    whole = in_palm_lengths(points, RATE)
    np.testing.assert_array_equal(np.stack(live), whole)
    np.testing.assert_array_equal(np.isnan(whole), np.isnan(points))


def test_a_new_hand_has_a_measure_of_its_own():
    points = np.full((300, 21, 2), np.nan)
    points[:50] = 10 * flat_hand()
    points[200:] = 50 * flat_hand()
    np.testing.assert_allclose(
        palm_length(in_palm_lengths(points, RATE))[[0, 49, 200, 299]], 1.0, atol=1e-5
    )


def test_a_clip_without_frames_or_hands_stays_one():
    assert in_palm_lengths(np.empty((0, 21, 2)), RATE).shape == (0, 21, 2)
    assert np.isnan(in_palm_lengths(np.full((9, 21, 2), np.nan), RATE)).all()
