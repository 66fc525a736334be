import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dtf_keras.decoding import Span
from dtf_keras.pictures import draw_alignment, draw_curves, draw_recognition
from dtf_keras.recognition import LayerNeighbours

HISTORY = [
    {
        "epoch": epoch,
        "loss": 30.0 - epoch,
        "val_wer": 90.0 - 10 * epoch,
        "val_substitutions": 5,
        "val_deletions": 4 - epoch,
        "val_insertions": 0,
    }
    for epoch in range(3)
]


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def alignment(path, **changes):
    probabilities = np.full((6, 4), 0.01)
    probabilities[range(6), [0, 1, 1, 0, 2, 0]] = 0.97
    arguments = {
        "frames": np.full((24, 32, 32, 3), (250, 0, 250), "uint8"),
        "probabilities": probabilities,
        "spans": [Span(1, 1, 3, 0.97), Span(2, 4, 5, 0.97)],
        "edges": np.arange(7) * 4 / 25,
        "reference": ["A", "B"],
        "glosses": lambda class_id: "-ABC"[class_id],
    }
    draw_alignment(path, **{**arguments, **changes})
    return pixels(path)


def test_curves_are_drawn_and_change_with_the_history(tmp_path):
    draw_curves(tmp_path / "a.png", HISTORY, "title")
    draw_curves(tmp_path / "b.png", HISTORY[:2], "title")
    a, b = pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png")
    assert a.shape == b.shape
    assert (a != b).any()


def test_curves_of_one_epoch_and_of_no_error_are_drawn(tmp_path):
    perfect = dict.fromkeys(HISTORY[0], 0)
    draw_curves(tmp_path / "one.png", [perfect])
    assert pixels(tmp_path / "one.png").std() > 0


def test_curves_of_no_epoch_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no epoch yet"):
        draw_curves(tmp_path / "none.png", [])


def test_alignment_shows_the_frames(tmp_path):
    picture = alignment(tmp_path / "clip.png")
    assert (picture == (250, 0, 250)).all(axis=-1).mean() > 0.05


def test_alignment_with_nothing_recognized_is_drawn(tmp_path):
    blank = np.eye(4)[[0] * 6]
    with_glosses = alignment(tmp_path / "a.png")
    without = alignment(tmp_path / "b.png", probabilities=blank, spans=[])
    assert without.std() > 0
    assert len(with_glosses) > len(without)  # room for the names


def test_alignment_with_long_gloss_names_is_drawn(tmp_path):
    names = ["", "WOCHENENDE", "NORDRHEIN", "C"]
    assert alignment(tmp_path / "c.png", glosses=names.__getitem__).std() > 0


def test_alignment_shows_steps_where_they_lie(tmp_path):
    even = alignment(tmp_path / "a.png")
    edges = np.array([0, 1, 2, 3, 4, 20, 24]) / 25
    assert (even != alignment(tmp_path / "b.png", edges=edges)).any()


def test_alignment_of_a_clip_without_output_steps_is_refused(tmp_path):
    with pytest.raises(ValueError, match="0 output steps"):
        alignment(tmp_path / "a.png", probabilities=np.zeros((0, 4)), spans=[])


def test_matplotlib_is_imported_only_to_draw():
    code = "import sys, dtf_keras.pictures; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def recognition(path, **changes):
    probabilities = np.full((6, 4), 0.01)
    probabilities[range(6), [0, 1, 1, 0, 2, 0]] = 0.97
    layer = LayerNeighbours(
        "fusion",
        np.arange(24),
        [np.arange(max(0, i - 3), i + 1) for i in range(24)],
        span=1,
        reach=3,
    )
    arguments = {
        "frames": np.full((24, 32, 32, 3), (250, 0, 250), "uint8"),
        "frame_rate": 25.0,
        "probabilities": probabilities,
        "edges": np.arange(7) * 4 / 25,
        "spans": [Span(1, 1, 3, 0.97), Span(2, 4, 5, 0.97)],
        "glosses": lambda class_id: "-ABC"[class_id],
        "title": "title",
        "layers": [layer],
        "moments": [0.3, 0.7],
    }
    draw_recognition(path, **{**arguments, **changes})
    return pixels(path)


def test_recognition_shows_the_frames_and_those_fused(tmp_path):
    magenta = [
        (recognition(tmp_path / f"{name}.png", **changes) == (250, 0, 250))
        .all(axis=-1)
        .sum()
        for name, changes in (("with", {}), ("without", {"layers": []}))
    ]
    assert magenta[0] > magenta[1] > 1000


def test_recognition_changes_with_the_moments(tmp_path):
    one = recognition(tmp_path / "a.png")
    other = recognition(tmp_path / "b.png", moments=[0.3, 0.5])
    assert one.shape == other.shape
    assert (one != other).any()


def test_a_frame_is_named_by_the_time_at_which_it_is_marked(figures, tmp_path):
    layer = LayerNeighbours("pooled", np.arange(0, 24, 4), 6 * [np.array([0, 8])], 4, 3)
    recognition(tmp_path / "a.png", layers=[layer], moments=[0.4])
    *_, chart, strip = figures[0].axes
    (triangle,) = [line for line in chart.lines if line.get_marker() == "v"]
    assert triangle.get_xdata() == [10 / 25]
    assert "the frame at 0.40 s" in strip.get_title(loc="left")
    assert [text.get_text() for text in strip.texts] == ["0.40 s", "0.08 s", "0.40 s"]


def test_recognition_of_nothing_is_drawn_and_of_no_step_refused(tmp_path):
    blank = np.eye(4)[[0] * 6]
    assert recognition(tmp_path / "a.png", probabilities=blank, spans=[]).std() > 0
    assert recognition(tmp_path / "a.png", moments=[]).std() > 0
    with pytest.raises(ValueError, match="0 output steps"):
        recognition(tmp_path / "b.png", probabilities=np.zeros((0, 4)), spans=[])


def test_recognition_is_written_as_a_pdf_for_papers(tmp_path):
    with pytest.raises(OSError, match="cannot identify"):
        recognition(tmp_path / "a.pdf")  # Pillow reads no PDF
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
