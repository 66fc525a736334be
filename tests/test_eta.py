import pytest

from dtf_keras import eta


def test_lines_come_soon_and_then_now_and_then_with_the_time_to_go(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(eta.time, "perf_counter", lambda: now[0])
    lines = []
    line = eta.Eta(100, lines.append, seconds=10)
    for done in range(1, 101):
        now[0] = float(done)
        line(done, f"{done}/100 clips")
    assert len(lines) == 11
    assert lines[0] == "1/100 clips, measuring the time to go"
    assert lines[1] == "4/100 clips, about 1:36 to go"
    assert lines[2] == "14/100 clips, about 1:26 to go"
    assert lines[-1] == "94/100 clips, about 0:06 to go"


def test_what_is_done_before_the_first_line_needs_none(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(eta.time, "perf_counter", lambda: now[0])
    lines = []
    line = eta.Eta(1, lines.append)
    now[0] = 30.0
    line(1, "1/1 clips")
    assert lines == []


@pytest.mark.parametrize("total", [2, 5, 40, 430, 7096])
@pytest.mark.parametrize("beginning", [0.0, 1.1, 30.0])
@pytest.mark.parametrize("each", [0.002, 0.02, 1.0, 60.0])
def test_a_slow_beginning_spoils_no_estimate(monkeypatch, total, beginning, each):
    now, told = [0.0], []
    monkeypatch.setattr(eta.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(eta, "clock", str)
    line = eta.Eta(total, lambda text: told.append((now[0], text)))
    for done in range(1, total + 1):
        now[0] = beginning + done * each
        line(done, "")
    for moment, text in told:
        if "measuring" not in text:
            to_go = float(text.removeprefix(", about ").removesuffix(" to go"))
            assert to_go == pytest.approx(beginning + total * each - moment)


def test_items_are_handed_on_and_counted(monkeypatch):
    now, lines = [0.0], []
    monkeypatch.setattr(eta.time, "perf_counter", lambda: now[0])
    for item in eta.said(range(10), "read {done} of {total}", lines.append):
        now[0] = item * 2.0
    assert lines[0] == "read 2 of 10, about 0:16 to go"
