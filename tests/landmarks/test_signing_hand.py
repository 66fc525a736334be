import numpy as np
import pytest

from dtf_keras.landmarks.signing_hand import SeenHand, SigningHand
from tests.helpers.hands import HAND, left

SIZE = (720, 1280)
RATE = 25


def right_hand(x=400, y=300, scale=1.0):
    return SeenHand(HAND * scale + [x, y], 0.9)


def left_hand(x=900, y=300, scale=1.0):
    return SeenHand(left(HAND) * scale + [x, y], -0.9)


def choices(pictures, rate=RATE):
    """The point `[2]` of the wrist that is chosen in each picture, or `None`."""
    choice = SigningHand()
    chosen = [
        choice.choose(hands, SIZE, number / rate)
        for number, hands in enumerate(pictures)
    ]
    return [None if points is None else points[0].tolist() for points in chosen]


def test_without_a_hand_none_is_chosen():
    assert choices([[], [right_hand()], []]) == [None, [400, 300], None]


@pytest.mark.parametrize("order", [1, -1])
def test_the_hand_that_is_held_up_or_near_signs(order):
    resting, far = right_hand(800, 650), right_hand(1000, 250, scale=0.4)
    for other in (resting, far):
        hands = [right_hand(400, 300), other][::order]
        assert choices([hands] * 5) == [[400, 300]] * 5


def test_a_left_hand_is_mirrored_in_the_picture():
    assert choices([[left_hand(900)]]) == [[1280 - 900, 300]]
    choice = SigningHand()
    points = choice.choose([left_hand(900)], SIZE, 0.0)
    np.testing.assert_allclose(points - points[0], HAND)
    assert choice.left
    choice.choose([right_hand(400)], SIZE, 1.0)
    assert not choice.left


def test_a_wrong_label_now_and_then_flips_nothing():
    wrong = SeenHand(right_hand().points, -0.9)
    pictures = [[wrong if number % 4 == 3 else right_hand()] for number in range(40)]
    assert choices(pictures) == [[400, 300]] * 40


def test_a_hand_that_is_as_good_for_a_moment_does_not_take_over():
    """The other one is raised a little higher for a second."""
    pictures = [[right_hand(), right_hand(800, 320 - 40 * (n > 20))] for n in range(45)]
    assert choices(pictures) == [[400, 300]] * 45


def test_who_puts_the_hand_down_and_raises_the_other_is_followed():
    pictures = [[right_hand(), right_hand(800, 650)]] * 25
    pictures += [[right_hand(400, 650), right_hand(800, 300)]] * 100
    chosen = choices(pictures)
    assert chosen[:25] == [[400, 300]] * 25
    assert chosen[-1] == [800, 300]


def test_a_hand_that_is_gone_for_long_leaves_its_place_to_another():
    both, other = [right_hand(), right_hand(800, 650)], [right_hand(800, 650)]
    chosen = choices([both] * 10 + [other] * 25)
    assert chosen[10:20] == [None] * 10
    assert chosen[-1] == [800, 650]


@pytest.mark.parametrize("rate", [6, 25, 60])
def test_a_moving_hand_is_followed_at_any_rate(rate):
    """It crosses the other one, which rests higher up but is smaller."""
    pictures = [
        [right_hand(200 + 400 * n / rate, 400), left_hand(600, 380, scale=0.6)]
        for n in range(2 * rate)
    ]
    chosen = choices(pictures, rate)
    np.testing.assert_allclose(
        np.array(chosen)[:, 0], 200 + 400 * np.arange(2 * rate) / rate
    )
