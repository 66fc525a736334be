import types

import pytest

from dtf_keras.evaluation import WordErrors
from dtf_keras.training.run import progress
from dtf_keras.training.run.progress import Progress, clock


@pytest.fixture
def now(monkeypatch):
    """A clock that stands still until a test moves it."""
    time = types.SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: time.seconds)
    return time


@pytest.fixture
def lines():
    return []


@pytest.fixture
def reporter(now, lines):
    clips = [types.SimpleNamespace(glosses=("A", "B"))]
    dev = types.SimpleNamespace(
        corpus=types.SimpleNamespace(clips=clips, __len__=lambda: 1),
        errors=WordErrors(1, 0, 0, 2),
        transcripts=[[]],
    )
    dev.corpus = type("Corpus", (), {"clips": clips, "__len__": lambda self: 1})()
    reporter = Progress(dev, terminal=False, say=lines.append)
    reporter.set_params({"epochs": 4, "steps": 100, "verbose": 0})
    reporter.on_train_begin()
    return reporter


def test_clock_reads_as_people_write_it():
    assert [clock(s) for s in (0, 59.6, 65, 7439)] == [
        "0:00",
        "1:00",
        "1:05",
        "2:03:59",
    ]


def test_time_to_go_is_that_of_the_epochs_before(reporter, now, lines):
    for epoch, end in enumerate([60.0, 120.0]):
        reporter.on_epoch_begin(epoch)
        now.seconds = end
        reporter.on_epoch_end(epoch, {"loss": 2.0})
    assert "epoch 1/4" in lines[0]
    assert "1:00 gone, about 3:00 to go" in lines[0]
    assert "2:00 gone, about 2:00 to go" in lines[3]
    assert "dev WER 50.0 %" in lines[3]
    assert lines[4:] == ["  signed:     A B", "  recognized: (nothing)"]


def test_a_resumed_run_counts_the_epochs_it_has_still_to_do(reporter, now, lines):
    reporter.on_epoch_begin(2)
    now.seconds = 60.0
    reporter.on_epoch_end(2, {"loss": 2.0})
    assert "1:00 gone, about 1:00 to go" in lines[0]


def test_off_a_terminal_a_long_epoch_shows_a_line_now_and_then(reporter, now, lines):
    reporter.on_epoch_begin(0)
    for step in range(100):
        now.seconds = 10.0 + step  # the first step compiles for 10 s
        reporter.on_train_batch_end(step, {"loss": 2.0})
    assert len(lines) == 5
    assert lines[0] == "  step 11/100, loss 2.000, about 6:29 to go"


def test_on_a_terminal_the_bar_shows_the_steps(reporter, now, lines):
    reporter.terminal = True
    reporter.on_epoch_begin(0)
    for step in range(100):
        now.seconds = 10.0 * step
        reporter.on_train_batch_end(step, {"loss": 2.0})
    assert lines == []
