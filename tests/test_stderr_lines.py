import os

import pytest

from dtf_keras.stderr_lines import held_back


def test_lines_are_shown_afterwards_but_for_those_left_out(capfd):
    with held_back(b"I0000 |INFO: "):
        os.write(2, b"I0000 a note\nE0000 an error\nINFO: another note\nwhy\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "E0000 an error\nwhy\n"


def test_lines_before_an_exception_are_shown(capfd):
    with pytest.raises(ValueError, match="broke"), held_back(b"I0000 "):  # noqa: PT012
        os.write(2, b"E0000 why\n")
        raise ValueError("broke")
    assert capfd.readouterr().err == "E0000 why\n"
    os.write(2, b"I0000 later\n")
    assert capfd.readouterr().err == "I0000 later\n"


def test_lines_are_shown_as_ever_where_nothing_can_be_kept(capfd, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with held_back(b"I0000 "):
        os.write(2, b"I0000 a note\n")
        assert capfd.readouterr().err == "I0000 a note\n"
