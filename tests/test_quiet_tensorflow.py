"""What is seen of what TensorFlow writes while it is imported."""

import os
import re
import subprocess
import sys

import pytest

from dtf_keras import quiet_tensorflow

NOTE = (
    "I0000 00:00:1795728527.335153   25362 cudart_stub.cc:31] Could not find cuda "
    "drivers on your machine, GPU will not be used."
)
DRIVER = (
    "E0000 00:00:1795728530.424366   25362 cuda_platform.cc:52] failed call to cuInit: "
    "INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)"
)
ERROR = "E0000 00:00:1795728530.424366   25362 gpu.cc:52] out of memory"
FATAL = "F0000 00:00:1795728530.424366   25362 cpu.cc:52] no AVX on this machine"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        (NOTE, True),
        (
            "WARNING: All log messages before absl::InitializeLog() is called are "
            "written to STDERR",
            True,
        ),
        (
            "To enable the following instructions: AVX2 FMA, in other operations, "
            "rebuild TensorFlow with the appropriate compiler flags.",
            True,
        ),
        (DRIVER, False),
        (ERROR, False),
        (FATAL, False),
        (ERROR.replace("E0000", "W0000"), False),
        ("Illegal instruction", False),
        ('  File "model.py", line 3, in <module>', False),
        ("ImportError: libcudart.so.12: cannot open shared object file", False),
    ],
)
def test_notes_are_told_from_warnings_and_errors(line, note):
    assert bool(re.match(quiet_tensorflow.NOTES, line.encode())) == note


@pytest.fixture
def imported(tmp_path):
    """Imports a TensorFlow that writes lines and then does something."""

    def run(then="", card=False, level=None):
        (tmp_path / "tensorflow.py").write_text(
            "import os, types\n"
            f"os.write(2, {chr(10).join([NOTE, ERROR, DRIVER, '']).encode()!r})\n"
            "listed = []\n"
            "config = types.SimpleNamespace(\n"
            "    list_physical_devices=lambda: listed.append(1)\n)\n"
            f"{then}\n"
        )
        code = (
            "import dtf_keras, sys\n"
            "from dtf_keras import quiet_tensorflow\n"
            f"quiet_tensorflow.has_nvidia_card = lambda: {card}\n"
            f"sys.path.insert(0, {str(tmp_path)!r})\n"
            "import tensorflow\n"
            "print(len(tensorflow.listed), file=sys.stderr)"
        )
        env = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
        env |= {"TF_CPP_MIN_LOG_LEVEL": level} if level else {}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, stderr=subprocess.PIPE, text=True
        )
        return done.stderr.splitlines()

    return run


@pytest.mark.parametrize("level", [None, "2"])
def test_without_a_card_only_errors_are_seen(imported, level):
    assert imported(level=level) == [ERROR, "1"]


def test_with_a_card_it_is_seen_that_it_has_no_driver(imported):
    assert imported(card=True) == [ERROR, DRIVER, "0"]


def test_who_wants_all_sees_all(imported):
    assert imported(level="0") == [NOTE, ERROR, DRIVER, "0"]


def test_the_last_words_of_a_process_that_dies_are_seen(imported):
    lines = imported(f"os.write(2, {FATAL.encode()!r}); os.abort()")
    assert lines == [ERROR, FATAL]


def test_an_import_that_fails_shows_its_traceback(imported):
    lines = imported("raise ImportError('no libcudart')")
    assert lines[0] == ERROR
    assert lines[-1] == "ImportError: no libcudart"


@pytest.mark.parametrize(
    ("vendors", "card"),
    [([], False), (["0x8086"], False), (["0x8086", "0x10de"], True)],
)
def test_a_card_is_looked_for_on_the_bus(vendors, card, monkeypatch, tmp_path):
    for number, vendor in enumerate(vendors):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "vendor").write_text(f"{vendor}\n")
    monkeypatch.setattr(quiet_tensorflow, "_DEVICES", ())
    monkeypatch.setattr(quiet_tensorflow, "_BUS", str(tmp_path))
    assert quiet_tensorflow.has_nvidia_card() == card
