import functools
import io
import typing

import numpy as np
import pytest

from dtf_keras.commands import live
from dtf_keras.commands.live import main
from dtf_keras.commands.live_text import LiveText
from dtf_keras.data.footage.frame_folder import FootageError
from dtf_keras.input_format import InputFormat
from dtf_keras.recognition import RecognizedGloss, example_clip
from tests.helpers import clips, small
from tests.helpers.moving_hands import moving_hand

HOUSE = str(example_clip())


@functools.cache
def model_of(kind):
    """A small model of a kind of clips, whose classes all win now and then."""
    if kind == "video":
        return clips.model("full_conv")
    given = {"input": "landmarks"} if kind == "hand_landmarks" else {}
    made = small.build("full_conv", **given)
    made.glosses = clips.GLOSSES
    if kind == "drawn_hand":
        made.input_format = InputFormat(32, 32, kind=kind)
        clips.let_all_win(made, small.video([120], 120)[0])
    return made


@pytest.fixture(params=["video"])
def kind(request, monkeypatch):
    """The kind of the model that the command loads."""
    monkeypatch.setattr(live, "load_model", lambda *args: model_of(request.param))
    return request.param


@pytest.fixture
def camera(monkeypatch):
    """A camera that shows a hand for 6 seconds, and where it is; then Ctrl-C."""
    times = np.arange(150) / 25
    points = dict(zip(times.tolist(), moving_hand(times), strict=True))

    class Found:
        shown: typing.ClassVar = []

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def find(self, frame, seconds):
            self.shown.append(frame)
            return points.get(seconds) if seconds < 2 else None

        def frames(self):
            picture = np.zeros((48, 64, 3), "uint8")
            picture[:, :32] = 200
            for seconds in times.tolist():
                yield seconds, picture
            raise KeyboardInterrupt

    monkeypatch.setattr(live, "Camera", lambda number: Found())
    monkeypatch.setattr(live, "HandFinder", Found)
    return Found


def lines(result):
    return [
        f"{g.start:7.2f} - {g.end:7.2f} s  {g.gloss}  {g.confidence:.2f}"
        for g in result
    ]


@pytest.mark.parametrize("kind", ["video", "drawn_hand"], indirect=True)
def test_a_video_gives_what_recognizing_it_does(kind, capsys):
    assert main(["--video", HOUSE, "--as-fast-as-possible"]) == 0
    output = capsys.readouterr()
    expected = lines(model_of(kind).recognize(HOUSE))
    assert expected
    assert output.out.splitlines() == expected
    assert f"{HOUSE}: what is signed is settled 0.6 s later." in output.err
    assert "3.0 s, 76 frames, " in output.err


def test_a_video_has_its_own_pace(monkeypatch):
    clock, slept = [100.0], []

    def sleep(seconds):
        slept.append(round(seconds, 6))
        clock[0] += seconds

    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(live.time, "sleep", sleep)
    for seconds, _ in live._paced([(0.0, "a"), (0.04, "b"), (0.08, "c"), (0.5, "d")]):
        clock[0] += 0.05 if seconds == 0.04 else 0.01
    assert slept == [0.0, 0.03, 0.0, 0.4]


@pytest.mark.parametrize("kind", ["hand_landmarks", "drawn_hand"], indirect=True)
def test_hands_are_looked_for_in_what_the_camera_shows(kind, camera, capsys):
    assert main(["--mirrored"]) == 0
    output = capsys.readouterr()
    assert len(camera.shown) == 150
    assert (camera.shown[0][0, :, 0] == [0] * 32 + [200] * 32).all()
    assert output.err.count("no hand is seen") == 1
    assert "6.0 s, 150 frames, " in output.err
    assert output.out


def test_a_model_of_video_is_shown_what_the_camera_shows(kind, camera, capsys):
    assert main([]) == 0
    assert not camera.shown
    assert "no hand" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--as-fast-as-possible"], "is for --video"),
        (["--video", "nowhere.mp4"], "nowhere.mp4: there is no file nowhere.mp4."),
        (["--camera", "77"], "Camera 77: there is no such camera: plug one in"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(argv, message, kind, capsys):
    assert main(argv) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


@pytest.mark.parametrize("kind", ["hand_landmarks"], indirect=True)
def test_a_drawn_hand_is_refused_by_a_model_of_landmarks(kind, capsys):
    assert main(["--video", HOUSE]) == 1
    assert "shows a drawn hand, in which no points are found" in capsys.readouterr().err


def test_a_camera_that_ends_is_one_sentence(kind, camera, monkeypatch, capsys):
    def frames(self):
        raise FootageError("it gives no more pictures (gone)")

    monkeypatch.setattr(camera, "frames", frames)
    assert main([]) == 1
    error = capsys.readouterr().err
    assert "error: Camera 0: it gives no more pictures (gone).\n" in error


def glosses(*names):
    return [RecognizedGloss(name, 0.0, 1.0, 0.5) for name in names]


def test_on_a_terminal_what_may_change_is_dim_behind_what_is_settled(monkeypatch):
    monkeypatch.setenv("COLUMNS", "12")
    out = io.StringIO()
    text = LiveText(out, True, None)
    shown = []
    for settled, pending, note in (
        ([], "A", ""),
        ("A", "BC", ""),
        ([], "BC", ""),
        ("B", "", "no hand"),
        (["RAIN", "SUN"], "E", ""),
    ):
        out.truncate(0), out.seek(0)
        text.show(glosses(*settled), glosses(*pending), note)
        shown.append(out.getvalue())
    assert shown == [
        "\r\x1b[2mA\x1b[0m\x1b[K",
        "\rA \x1b[2mB C\x1b[0m\x1b[K",
        "",
        "\rA B \x1b[2m(no han\x1b[0m\x1b[K",
        "\rA B RAIN \x1b[K\n\rSUN \x1b[2mE\x1b[0m\x1b[K",
    ]
    out.truncate(0), out.seek(0)
    text.end()
    assert out.getvalue() == "\rSUN \x1b[K\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_gloss_tells_the_terminal_nothing(terminal):
    out = io.StringIO()
    text = LiveText(out, terminal, None)
    text.show(glosses("A\x1b]0;b\x07\n"), glosses("\x9bC\u202e"))
    assert r"A\u001b]0;b\u0007\u000a" in out.getvalue()
    assert not set("\x07\x9b\u202e") & set(out.getvalue())
    assert "\x1b]" not in out.getvalue()
