"""How a process ends after Ctrl+C, wherever it comes."""

import importlib
import pathlib
import subprocess
import sys

import pytest

from dtf_keras import commands

ROOT = pathlib.Path(__file__).parents[2]
PRESS = "__import__('os').kill(__import__('os').getpid(), 2)"  # Ctrl+C

SWALLOWED = f"""
import gc, time
def callback(*_):
    gc.callbacks.remove(callback)
    {PRESS}
gc.callbacks.append(callback)
gc.collect()
time.sleep(9)
"""
TURNED = f"""
try:
    {PRESS}
except KeyboardInterrupt as error:
    raise ImportError("a module cannot be imported") from error
"""


def ended(imports="", runs="", closes="", before=""):
    """Ends a command into which some code is put; returns status and stderr."""
    code = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # also in the background
exec({before!r}, dict())
import atexit, importlib, types
from dtf_keras.commands import process
from dtf_keras.commands.ending import command

@command(ImportError)
def main():
    exec({runs!r}, dict())
    print("done")

def import_module(name):
    exec({imports!r}, dict())
    atexit.register(exec, {closes!r}, dict())
    return types.SimpleNamespace(main=main)

importlib.import_module = import_module
process.start("fit")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "moment",
    [
        {"imports": PRESS},
        {"runs": PRESS},
        {"runs": SWALLOWED},
        {"closes": PRESS},
    ],
    ids=["imports", "runs", "swallowed", "closes"],
)
def test_ctrl_c_ends_with_130_and_without_a_traceback(moment):
    status, _, err = ended(**moment)
    assert (status, err) == (130, "")


def test_a_command_in_the_background_of_a_shell_ignores_ctrl_c():
    ignore = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    status, out, _ = ended(PRESS, PRESS, PRESS, ignore)
    assert (status, out) == (0, "done\n")


def test_ctrl_c_that_a_library_turned_into_an_error_is_still_ctrl_c():
    status, _, _ = ended(runs=TURNED)
    assert status == 130


@pytest.mark.parametrize(
    ("runs", "status"),
    [("", 0), ("raise ImportError", 1), ("exit(2)", 2), ("1 / 0", 1)],
)
def test_other_ends_keep_their_status_and_all_output(runs, status):
    found, out, err = ended(runs=runs)
    assert found == status
    assert (out == "done\n") == (status == 0)
    assert ("ZeroDivisionError" in err) == (runs == "1 / 0")


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_a_script_leaves_its_process_to_start(name, monkeypatch):
    started = []
    monkeypatch.setattr("dtf_keras.commands.process.start", started.append)
    code = (ROOT / "scripts" / f"{name}.py").read_text(encoding="utf-8")
    exec(compile(code, name, "exec"), {"__name__": "__main__"})
    assert started == [name]
    assert importlib.import_module(f"dtf_keras.commands.{name}").main
