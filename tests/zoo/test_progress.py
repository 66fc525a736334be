"""What a download shows."""

import pytest

from dtf_keras.zoo.progress import DownloadProgress


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Five seconds pass between two looks at the clock."""
    seconds = iter(range(0, 99, 5)).__next__
    monkeypatch.setattr("dtf_keras.eta.time.perf_counter", seconds)


def test_off_a_terminal_a_line_says_how_much_is_left():
    lines = []
    with DownloadProgress("weights", 4_000_000, lines.append, False) as shown:
        shown(2_000_000, 1_000_000)
        shown(3_000_000, 1_000_000)
    assert lines == [
        "  weights: 2.0 of 4.0 MB, measuring the time to go",
        "  weights: 3.0 of 4.0 MB, about 0:10 to go",
    ]


def test_on_a_terminal_a_bar_is_written_anew_in_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    with DownloadProgress("weights", 4_000_000, terminal=True) as shown:
        shown(1_000_000, 1_000_000)
        shown(2_000_000, 1_000_000)
        shown(4_000_000, 2_000_000)
    first, second, third = capsys.readouterr().out.removeprefix("\r").split("\r")
    assert first.rstrip() == (
        f"  weights  25% [{'#' * 4}{'-' * 12}] 1.0 of 4.0 MB, measuring the time to go"
    )
    assert second.startswith(f"  weights  50% [{'#' * 8}{'-' * 8}] 2.0 of 4.0 MB, 0.")
    assert third.startswith(f"  weights 100% [{'#' * 16}] 4.0 of 4.0 MB")
    assert third.rstrip(" \n").endswith("about 0:00 to go")
    assert third.endswith("\n")


def test_a_download_that_never_began_shows_nothing(capsys):
    with DownloadProgress("weights", 4_000_000, terminal=True):
        pass
    assert capsys.readouterr().out == ""
