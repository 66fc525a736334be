"""The frames in the pictures: which are shown, where, and the hands in them."""

import itertools

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import ConnectionPatch

from dtf_keras.decoding import Span
from dtf_keras.landmarks import FINGERS
from dtf_keras.pictures import draw_recognition
from dtf_keras.pictures.film_strip import chosen
from dtf_keras.pictures.hand import FINGER_COLOURS
from tests.helpers.figures import kept_figures

END = 4.0  # seconds
SPANS = [Span(1, 1, 3, 0.97), Span(2, 4, 5, 0.56)]


@pytest.mark.parametrize(
    ("num_frames", "wanted", "expected"),
    [
        (100, [], [5, 15, 25, 35, 45, 55, 65, 75, 85, 95]),
        (100, list(range(0, 100, 10)), list(range(0, 100, 10))),
        (3, [], [0, 1, 2]),
        (3, [1], [0, 1, 2]),
    ],
)
def test_the_frames_of_a_strip(num_frames, wanted, expected):
    assert chosen(num_frames, wanted).tolist() == expected


def test_wanted_frames_are_shown_and_others_where_there_is_room():
    shown = chosen(100, [10, 12, 90])
    assert len(shown) == 10
    assert {10, 12, 90} <= set(shown.tolist())
    assert (np.diff(shown) > 0).all()
    assert np.diff(shown).max() < 16
    few = chosen(1000, list(range(0, 600, 20)))
    assert set(few.tolist()) <= set(range(0, 600, 20))
    assert np.ptp(np.diff(few)) <= 20
    assert (few[0], few[-1]) == (0, 580)


def draw(path, points=None, size=(40, 40), num_frames=100, spans=SPANS):
    probabilities = np.full((6, 4), 0.01)
    frames = np.full((num_frames, *size, 3), 200, "uint8")
    edges = np.arange(7) * END / 6
    draw_recognition(
        path,
        frames,
        num_frames / END,
        probabilities,
        edges,
        spans,
        lambda class_id: "-ABC"[class_id],
        points=points,
    )


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """One that tests only look at."""
    with kept_figures() as written:
        draw(tmp_path_factory.mktemp("picture") / "a.png", hands(100))
    return written[0]


def hands(count):
    """Points of hands in fractions, none of them at another's place."""
    return np.random.default_rng(0).uniform(0.1, 0.9, (count, 21, 2))


def boxes(axes):
    """Of the pictures of a strip: left, right, bottom, top."""
    return [image.get_extent() for image in axes.images]


@pytest.mark.parametrize("size", [(40, 40), (30, 60), (60, 30)])
def test_points_are_drawn_at_their_place_in_the_frame(size, figures, tmp_path):
    points = hands(100)
    draw(tmp_path / "a.png", points, size)
    strip, chart, _ = figures[0].axes
    lines = [line for line in strip.lines if line.get_marker() == "o"]
    assert len(lines) == len(strip.images) == 10
    times = [float(text.get_text().removesuffix(" s")) for text in strip.texts]
    for (left, right, bottom, top), joints, time in zip(
        boxes(strip), lines, times, strict=True
    ):
        assert (right - left) * size[0] == pytest.approx((top - bottom) * size[1])
        x, y = points[round(time * 25)].T
        drawn_x, drawn_y = joints.get_data()
        np.testing.assert_allclose(drawn_x, left + x * (right - left))
        np.testing.assert_allclose(drawn_y, top - y * (top - bottom))
    assert strip.get_aspect() == 1
    assert abs(strip.bbox.width - chart.bbox.width) < 2


def test_each_finger_has_its_colour_on_a_dark_rim(picture):
    strip = picture.axes[0]
    rim, bones = [c for c in strip.collections if isinstance(c, LineCollection)][:2]
    assert [to_hex(colour) for colour in bones.get_colors()[1:]] == [*FINGER_COLOURS]
    assert rim.get_linewidths()[0] > bones.get_linewidths()[0] > 1
    joints = np.stack(strip.lines[0].get_data(), axis=-1)
    for finger, bone in zip(FINGERS, bones.get_segments()[1:], strict=True):
        np.testing.assert_array_equal(bone, joints[list(finger)])


def test_a_frame_without_a_hand_is_pale_and_says_so(figures, tmp_path):
    points = hands(100)
    points[50:] = np.nan
    draw(tmp_path / "a.png", points)
    strip = figures[0].axes[0]
    words = [text.get_text() for text in strip.texts]
    late = [word for word in words if word[0] in "23"]
    for word in late:
        assert words[words.index(word) - 1] == "no hand"
    assert words.count("no hand") == len(late) == 5
    assert len([line for line in strip.lines if line.get_marker() == "o"]) == 5
    draw(tmp_path / "b.png")
    strip = figures[1].axes[0]
    assert len(strip.texts) == 10
    assert not strip.lines


def test_frames_of_glosses_are_marked_and_lead_to_their_time(picture):
    strip, chart, bars = picture.axes
    colours = [to_hex(bar.get_facecolor()) for bar in bars.patches]
    leads = [a for a in picture.artists if isinstance(a, ConnectionPatch)]
    assert len(leads) == 10
    own = [lead for lead in leads if to_hex(lead.get_edgecolor()) in colours]
    assert [lead.xy2[0] for lead in own] == pytest.approx([4 / 3, 3.0], abs=0.04)
    bottoms = [strip.transData.transform(lead.xy1)[1] for lead in leads]
    assert min(bottoms) > chart.bbox.y1
    times = [float(text.get_text().removesuffix(" s")) for text in strip.texts]
    assert times == pytest.approx([lead.xy2[0] for lead in leads], abs=0.005)


def test_nothing_lies_over_another(picture):
    strip, *_ = picture.axes
    captions = [text.get_window_extent() for text in strip.texts]
    assert all(a.x1 < b.x0 for a, b in itertools.pairwise(captions))
    assert all(a[1] < b[0] for a, b in itertools.pairwise(boxes(strip)))
    top = strip.transData.transform((0, 0))[1]
    assert all(caption.y1 < top for caption in captions)


def test_a_short_clip_has_a_strip_of_its_frames(figures, tmp_path):
    draw(tmp_path / "a.png", hands(3), num_frames=3)
    assert len(figures[0].axes[0].images) == 3
    draw(tmp_path / "b.png", hands(3), num_frames=3, spans=[])
    assert len(figures[1].axes[0].images) == 3


def test_confidences_stand_under_the_names(picture):
    bars = picture.axes[2]
    words = {text.get_text(): text.get_window_extent() for text in bars.texts}
    assert list(words) == ["0.97", "A", "0.56", "B"]
    for name, confidence in (("A", "0.97"), ("B", "0.56")):
        assert words[name].y0 >= words[confidence].y1 - 2
        assert words[confidence].y0 >= bars.bbox.y1
