import numpy as np
import pytest

from dtf_keras.landmarks import HandLandmarks, LandmarkError, bridge_gaps

RNG = np.random.default_rng(0)
HAND = 100 + 300 * RNG.random((21, 2))


def still(frames):
    return np.repeat(HAND[None], frames, axis=0)


def moving(times, speed=30.0):
    """A hand that goes to the right, `speed` pixels a second."""
    return HAND + np.stack([speed * times, 0 * times], axis=-1)[:, None]


@pytest.mark.parametrize("rate", [10.0, 24.0, 25.0, 29.97, 60.0])
def test_points_are_where_they_were_at_any_rate(rate):
    times = np.arange(round(2 * rate)) / rate
    found = HandLandmarks(moving(times), frame_rate=rate).at_rate(25.0)
    assert len(found) == round(len(times) / rate * 25)
    wanted = np.minimum(np.arange(len(found)) / 25, times[-1])
    np.testing.assert_allclose(found, moving(wanted), atol=1e-6)


def test_uneven_times_are_kept():
    times = np.array([3.0, 3.05, 3.06, 3.2, 3.31, 3.4])
    found = HandLandmarks(moving(times), times=times).at_rate(20.0)
    np.testing.assert_allclose(found[:9], moving(3 + np.arange(9) / 20), atol=1e-6)


def test_fractions_are_of_width_and_height():
    points = still(5)
    fractions = points / [720, 1280]
    found = HandLandmarks(
        fractions, frame_rate=25, unit="fractions", picture_size=(1280, 720)
    )
    np.testing.assert_allclose(found.points, points)


def test_depth_is_not_read():
    points = np.concatenate([still(4), np.ones((4, 21, 1))], axis=-1)
    assert HandLandmarks(points, frame_rate=25).points.shape == (4, 21, 2)


@pytest.mark.parametrize(
    ("hand", "mirrored", "flipped"),
    [
        ("right", False, False),
        ("left", False, True),
        ("right", True, True),
        ("left", True, False),
    ],
)
def test_a_left_hand_and_a_mirrored_picture_are_flipped(hand, mirrored, flipped):
    found = HandLandmarks(still(3), frame_rate=25, hand=hand, mirrored=mirrored)
    np.testing.assert_allclose(found.points[..., 0], still(3)[..., 0] * (-1) ** flipped)
    np.testing.assert_allclose(found.points[..., 1], still(3)[..., 1])


def test_short_gaps_are_filled_and_long_ones_are_not():
    times = np.arange(60) / 25
    points = moving(times)
    points[10:16] = np.nan  # 0.28 seconds between the frames around
    points[30:38] = np.nan
    points[50:52, 8] = np.nan
    found = HandLandmarks(points, frame_rate=25).at_rate(25.0)
    expected = moving(times)
    expected[30:38] = np.nan
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(bridge_gaps(points, 25.0), expected, atol=1e-6)


def test_what_is_lost_at_the_ends_stays_lost():
    points = still(20)
    points[:3], points[-2:] = np.nan, np.nan
    lost = np.isnan(bridge_gaps(points, 25.0)).any(axis=(1, 2))
    np.testing.assert_array_equal(np.flatnonzero(lost), [0, 1, 2, 18, 19])


def test_a_slow_camera_has_no_gaps():
    points = HandLandmarks(moving(np.arange(10) / 2.0), frame_rate=2).at_rate(25.0)
    assert not np.isnan(points).any()


def test_a_hand_without_a_wrist_is_none():
    points = still(4)
    points[1, 0] = np.nan
    assert np.isnan(HandLandmarks(points, frame_rate=5).points[1]).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"points": still(3)[:, :20]}, r"\[T, 21, 2 or 3\], not one of shape"),
        ({"points": still(3)[0]}, r"\[T, 21, 2 or 3\]"),
        ({"points": np.full((3, 21, 2), np.nan)}, "a hand in no frame"),
        ({"points": still(3) * np.inf}, "finite, or NaN"),
        ({"points": still(3) / 1000}, "give unit='fractions'"),
        ({"unit": "fractions"}, r"give picture_size=\(height, width\)"),
        ({"unit": "fractions", "picture_size": 720}, "picture_size is"),
        ({"unit": "metres"}, "metres"),
        ({"hand": "both"}, "both"),
        ({"frame_rate": None}, "either a frame_rate or their times"),
        ({"times": [0, 1, 2]}, "either a frame_rate or their times"),
        ({"frame_rate": 0}, "frame_rate must be"),
        ({"frame_rate": None, "times": [0, 1]}, "3 seconds, one a frame"),
        ({"frame_rate": None, "times": [0, 1, 1]}, "must rise"),
    ],
)
def test_what_cannot_be_is_one_sentence(settings, message):
    with pytest.raises(ValueError, match=message):
        HandLandmarks(**{"points": still(3), "frame_rate": 25, **settings})


def test_errors_of_landmarks_are_their_own():
    with pytest.raises(LandmarkError):
        HandLandmarks(np.zeros((0, 21, 2)), frame_rate=25)
