from dtf_keras import eta


def test_lines_come_soon_and_then_now_and_then_with_the_time_to_go(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(eta.time, "perf_counter", lambda: now[0])
    lines = []
    line = eta.Eta(100, lines.append, seconds=10)
    for done in range(1, 101):
        now[0] = float(done)
        line(done, f"{done}/100 clips")
    assert len(lines) == 10
    assert lines[0] == "1/100 clips, about 1:39 to go"
    assert lines[1] == "11/100 clips, about 1:29 to go"
    assert lines[-1] == "91/100 clips, about 0:09 to go"


def test_what_is_done_before_the_first_line_needs_none(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(eta.time, "perf_counter", lambda: now[0])
    lines = []
    line = eta.Eta(1, lines.append)
    now[0] = 30.0
    line(1, "1/1 clips")
    assert lines == []
