"""Every snippet of the README works, and its commands exist."""

import contextlib
import importlib
import io
import pathlib
import re
import shlex

import keras
import pytest

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


SNIPPETS = blocks("python")
COMMANDS = [
    line
    for block in blocks("bash")
    for line in re.sub(r"\\\n\s*", "", block).splitlines()
    if "scripts/" in line
]


def test_there_are_snippets_and_commands():
    assert len(SNIPPETS) >= 4
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_prints_what_the_readme_says(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippet = SNIPPETS[number]
    if "onnx" in snippet and keras.backend.backend() != "tensorflow":
        pytest.skip("ONNX is written by TensorFlow")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(snippet, f"README snippet {number + 1}", "exec"), {})
    expected = re.findall(r"^# -> (.*)$", snippet, re.MULTILINE)
    assert out.getvalue().splitlines() == expected


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_flags_that_the_readme_gives_it(command, capsys):
    words = shlex.split(command[command.index("scripts/") :])
    name = pathlib.Path(words[0]).stem
    assert (ROOT / words[0]).is_file()
    main = importlib.import_module(f"dtf_keras.commands.{name}").main
    asked = [*words[1:2], "--help"] if name == "benchmark" else ["--help"]
    with contextlib.suppress(SystemExit):
        main(asked)
    shown = capsys.readouterr().out
    for flag in (word for word in words if word.startswith("--")):
        assert flag in shown, f"{name} has no {flag}"


def test_continuous_integration_runs_the_commands_of_the_readme():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    setups = [block.strip() for block in blocks("bash") if "pip install -e" in block]
    assert len(setups) == 2
    for setup in setups:
        assert setup in ci
