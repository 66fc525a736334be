import importlib
import os
import subprocess
import sys

import pytest

from dtf_keras import commands
from dtf_keras.commands.ending import command


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_an_unknown_backend_is_one_sentence(name, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "mxnet")
    assert importlib.import_module(f"dtf_keras.commands.{name}").main([]) == 1
    assert capsys.readouterr().err == (
        "error: KERAS_BACKEND is 'mxnet', but must be one of tensorflow, jax, torch.\n"
    )


@pytest.mark.parametrize(
    "words", [["fit", "--recipe", "list"], ["evaluate", "--help"], ["--help"]]
)
def test_a_reader_that_has_gone_is_no_error(words):
    code = f"import sys; from dtf_keras.commands import main; sys.exit(main({words}))"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ValueError("this cannot be."), 1, "error: this cannot be.\n"),
        (KeyboardInterrupt(), 130, "\nCome again.\n"),
    ],
)
def test_errors_are_told_and_become_a_status(error, status, told, capsys):
    @command(ValueError, interrupted="Come again.")
    def main():
        raise error

    assert main() == status
    assert capsys.readouterr().err == told


def test_an_error_of_the_package_itself_is_not_hidden():
    with pytest.raises(KeyError):
        command(ValueError)({}.__getitem__)("name")


@pytest.mark.parametrize(("chosen", "expected"), [(None, "1"), ("0", "0")])
def test_a_command_switches_onednn_on_unless_the_user_has_said(chosen, expected):
    env = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    if chosen is not None:
        env["TF_ENABLE_ONEDNN_OPTS"] = chosen
    code = (
        "import os, sys\n"
        "from dtf_keras.commands.fit import main\n"
        "assert 'tensorflow' not in sys.modules\n"
        "main(['--recipe', 'list'])\n"
        "print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == expected, done.stderr
