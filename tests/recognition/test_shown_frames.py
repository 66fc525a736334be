"""What people are shown of a clip: the hand's points must lie on the hand."""

import numpy as np
import pytest

from dtf_keras.data.footage import found_hands
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import NUM_POINTS, HandLandmarks
from dtf_keras.landmarks.signing_hand import SeenHand, SigningHand
from dtf_keras.recognition import ClipSource, example_clip
from tests.helpers.hands import HAND, left

POINTS = InputFormat(kind="hand_landmarks")
DRAWN = InputFormat(32, 32, kind="drawn_hand")
VIDEO = InputFormat(32, 48)
RED = 255
STEP = 12  # of green, between the dots of two points
DOT = 4  # pixels around the middle
GONE = range(20, 32)


class DotFinder:
    """Finds the red dots that `filmed` draws, and which points they are."""

    left_hand = False

    def __init__(self):
        self._choice = SigningHand()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    @property
    def left(self):
        return self._choice.left

    def find(self, frame, seconds):
        hands = []
        if (frame[..., 0] == RED).any():
            dots = frame[..., 0] == RED
            points = [
                np.argwhere(dots & (frame[..., 1] == STEP * k)).mean(axis=0)[::-1] + 0.5
                for k in range(NUM_POINTS)
            ]
            hands.append(SeenHand(np.array(points), -1.0 if self.left_hand else 1.0))
        return self._choice.choose(hands, frame.shape[:2], seconds)


@pytest.fixture
def finder(monkeypatch, tmp_path):
    monkeypatch.setattr(found_hands, "HandFinder", DotFinder)
    monkeypatch.setattr(found_hands, "finder_version", lambda: "dots")
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path))
    return DotFinder


def filmed(hand, size, count=36):
    """A hand of dots that moves to the picture's right edge; lost for some frames."""
    height, width = size
    clip = np.zeros((count, height, width, 3), "uint8")
    clip[..., 2] = np.random.default_rng(0).integers(0, 90, (height, width))
    for number, picture in enumerate(clip):
        if number in GONE:
            continue
        right = width - DOT - 1 - hand[:, 0].max()
        way = [right - 3 * (count - number), height / 2 + 80 - number]
        for k, (x, y) in enumerate(np.rint(hand + way).astype(int)):
            picture[y - DOT : y + DOT + 1, x - DOT : x + DOT + 1, :2] = RED, STEP * k
    return clip


def shown(clip, input_format=POINTS, size=256, **settings):
    source = ClipSource(clip, input_format.frame_rate, **settings)
    pictures, points = zip(*source.frames_to_show(input_format, size), strict=True)
    return np.stack(pictures), points


def assert_on_the_hand(pictures, points):
    side = pictures.shape[1]
    for picture, hand in zip(pictures, points, strict=True):
        for k, (x, y) in enumerate(np.floor(hand * side).astype(int)):
            red, green, _ = picture[y, x].astype(int)
            assert red > 235
            assert abs(green - STEP * k) < STEP / 2


@pytest.mark.parametrize("size", [(300, 420), (420, 300)], ids=["wide", "high"])
@pytest.mark.parametrize("left_hand", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_points_lie_on_the_hand_that_is_shown(
    size, left_hand, mirrored, finder, monkeypatch
):
    """Of 36 frames, 30 a second, 25 a second are shown: those that were looked at."""
    monkeypatch.setattr(finder, "left_hand", left_hand)
    clip = filmed(left(HAND) if left_hand else HAND, size)
    if mirrored:
        clip = clip[:, :, ::-1]
    pictures, points = shown(clip, own_rate=30, mirrored=mirrored)
    assert pictures.shape == (30, 256, 256, 3)
    seen = [not np.isnan(hand).any() for hand in points]
    assert seen == [round(k * 30 / 25) not in GONE for k in range(30)]
    assert_on_the_hand(pictures[seen], np.stack(points)[seen])


def test_squares_are_of_one_size_about_the_middle_of_the_hand(finder):
    pictures, points = shown(filmed(HAND, (300, 420)), own_rate=25)
    hands = np.stack([hand for hand in points if not np.isnan(hand).any()])
    low, high = hands.min(axis=1), hands.max(axis=1)
    np.testing.assert_allclose((low + high) / 2, 0.5, atol=0.005)
    np.testing.assert_allclose(high - low, np.tile((high - low)[0], (24, 1)), atol=1e-6)
    assert 0.6 < (high - low).max() < 0.8
    outside = pictures[-1][:, -8:]
    assert outside.min() == outside.max() > 230
    assert pictures[-1][:, 128].std() > 0


def test_a_model_of_drawn_hands_shows_the_camera_as_well(finder):
    clip = filmed(HAND, (300, 420))
    as_points, as_drawn = shown(clip), shown(clip, DRAWN)
    np.testing.assert_array_equal(as_drawn[0], as_points[0])
    np.testing.assert_array_equal(as_drawn[1], as_points[1])


def test_other_clips_are_shown_as_they_are_read():
    for read in (DRAWN, VIDEO):
        pictures, points = shown(example_clip(), read)
        assert set(points) == {None}
        assert max(pictures.shape[1:3]) == 256
        assert len(pictures) == 76


def test_points_alone_are_on_plain_ground():
    hand = HandLandmarks(np.stack([HAND + [900 + n, 400] for n in range(10)]), 25)
    for read in (POINTS, DRAWN):
        pictures, points = shown(hand, read)
        assert pictures.shape == (10, 1, 1, 3)
        first, last = points[0], points[-1]
        np.testing.assert_allclose(last, first)
        scale = np.ptp(first[:, 1]) / np.ptp(HAND[:, 1])
        np.testing.assert_allclose(first - first[0], scale * HAND, atol=1e-9)


def test_more_than_is_shown_is_never_read(finder):
    source = ClipSource(filmed(HAND, (300, 420)), 25)
    frames = source.frames_to_show(POINTS, 64)
    next(frames)
    read = []
    timed = source._footage.timed

    def counted(longest):
        for one in timed(longest):
            read.append(one)
            yield one

    source._footage.timed = counted
    frames = source.frames_to_show(POINTS, 64)
    for _ in range(5):
        next(frames)
    assert len(read) <= 7
