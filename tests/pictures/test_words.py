"""The words in the pictures: names of glosses, titles, letters of other scripts."""

import itertools
import warnings

import matplotlib.font_manager
import numpy as np
import pytest
from matplotlib.text import Text

from dtf_keras.decoding import Span
from dtf_keras.pictures import draw_alignment, draw_recognition
from dtf_keras.pictures.bar_names import apart

LONG = ["neg-NICHT-IM-KASTEN", "WAHRSCHEINLICH", "__EMOTION__"]


def draw(kind, path, names, num_spans, num_steps=78):
    """`num_spans` glosses, one step each, in `num_steps` steps of 4 frames."""
    spans = [
        Span(1 + place % len(names), int(step), int(step) + 1, 0.9)
        for place, step in enumerate(np.linspace(0, num_steps - 1, num_spans))
    ]
    probabilities = np.full((num_steps, len(names) + 1), 0.01)
    for span in spans:
        probabilities[span.start, span.class_id] = 0.9
    frames = np.zeros((4 * num_steps, 8, 8, 3), "uint8")
    glosses = ["", *names].__getitem__
    edges = np.arange(num_steps + 1) * 4 / 25
    if kind == "alignment":
        reference = [glosses(span.class_id) for span in spans]
        draw_alignment(path, frames, probabilities, spans, edges, reference, glosses)
    else:
        title = f"a model in a clip: {' '.join(glosses(s.class_id) for s in spans)}"
        draw_recognition(path, frames, 25, probabilities, edges, spans, glosses, title)


def boxes_of_names(axes, names):
    """Without the lines that lead to them."""
    return [Text.get_window_extent(t) for t in axes.texts if t.get_text() in names]


@pytest.mark.parametrize("kind", ["alignment", "recognition"])
@pytest.mark.parametrize(
    ("names", "num_spans", "turned"),
    [
        (list("ABC"), 5, {0}),
        (list("WMQ"), 26, {0, 90}),
        (LONG, 3, {0}),
        (LONG, 20, {90}),
        (LONG, 60, {90}),
    ],
)
def test_every_name_is_in_the_picture_beside_the_others(
    kind, names, num_spans, turned, figures, tmp_path
):
    draw(kind, tmp_path / "a.png", names, num_spans)
    (figure,) = figures
    strip, _, bars = figure.axes
    boxes = boxes_of_names(bars, names)
    assert len(boxes) == num_spans
    assert {text.get_rotation() for text in bars.texts} == turned
    assert all(a.x1 <= b.x0 + 1 for a, b in itertools.pairwise(boxes))
    assert boxes[0].x0 >= bars.bbox.x0 - 1
    assert boxes[-1].x1 <= bars.bbox.x1 + 1
    assert bars.bbox.width > 0.85 * figure.bbox.width
    with_title = strip.get_tightbbox()
    assert with_title.x1 <= strip.bbox.x1 + 1
    assert with_title.y1 <= figure.bbox.y1


def test_of_names_at_one_place_the_most_probable_is_written(figures, tmp_path):
    probabilities = np.zeros((20, 5))
    probabilities[4, 1:4] = 0.3, 0.4, 0.38
    probabilities[12, 4] = 0.3
    draw_alignment(
        tmp_path / "a.png",
        np.zeros((80, 8, 8, 3), "uint8"),
        probabilities,
        [],
        np.arange(21) * 4 / 25,
        [],
        "-ABCD".__getitem__,
    )
    assert [text.get_text() for text in figures[0].axes[1].texts] == ["B", "D"]


@pytest.mark.parametrize("kind", ["alignment", "recognition"])
def test_dollars_in_glosses_begin_no_formula(kind, figures, tmp_path):
    draw(kind, tmp_path / "a.png", ["$INDEX1", "$GEST-OFF^"], 6)
    with_dollars = [t for t in figures[0].findobj(Text) if "$" in t.get_text()]
    assert len(with_dollars) == 7
    assert not any(text.get_parse_math() for text in with_dollars)


def test_a_title_that_is_too_long_is_shortened(figures, tmp_path):
    draw("recognition", tmp_path / "a.png", LONG, 20)
    title = figures[0].axes[0].get_title(loc="left")
    assert title.count("\n") == 2
    assert title.endswith(" …")


@pytest.mark.parametrize("kind", ["alignment", "recognition"])
def test_a_gloss_that_is_too_long_has_beginning_and_end(kind, figures, tmp_path):
    draw(kind, tmp_path / "a.png", [f"A{10**5 * 'B'}C", "A\x1bB"], 2)
    (figure,) = figures
    names = {text.get_text() for text in figure.axes[2].texts}
    assert {f"A{18 * 'B'}…{19 * 'B'}C", r"A\u001bB"} <= names
    assert figure.get_figheight() < 10
    assert max(len(text.get_text()) for text in figure.findobj(Text)) < 500


@pytest.mark.parametrize("kind", ["alignment", "recognition"])
def test_letters_that_no_font_has_are_one_warning(kind, tmp_path):
    letter = "\U00012000"  # cuneiform
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        draw(kind, tmp_path / "a.png", [letter, "A"], 6)
    (message,) = [str(one.message) for one in caught]
    assert f"boxes for {letter}, as no font" in message
    assert "\n" not in message


def test_fonts_for_other_scripts_are_used_where_they_are(
    figures, tmp_path, monkeypatch
):
    font = matplotlib.font_manager.fontManager.ttflist[0]
    monkeypatch.setattr("dtf_keras.pictures.fonts.FAMILIES", ("Nowhere", font.name))
    draw("recognition", tmp_path / "a.png", ["A"], 1)
    families = figures[0].axes[0].title.get_family()
    assert families[-1] == font.name
    assert len(families) > 1
    assert "Nowhere" not in families


def test_things_move_apart_as_little_as_is_needed():
    moved = apart(np.array([4.0, 5, 6, 20]), np.full(4, 2.0), 30)
    np.testing.assert_allclose(moved, [3, 5, 7, 20])
    at_the_edges = apart(np.array([0.0, 9, 10]), np.array([2.0, 2, 4]), 10)
    np.testing.assert_allclose(at_the_edges, [1, 5, 8])
    alone = apart(np.array([3.0]), np.array([2.0]), 10)
    np.testing.assert_allclose(alone, [3])
