"""Text from outside reaches no terminal and no file raw."""

import ast
import json
import pathlib

import pytest

import dtf_keras
from dtf_keras.commands.ending import command
from dtf_keras.files import write_json, write_text
from dtf_keras.words import printable, quoted, shortened, tell

CONTROLS = [
    "\x1b]0;title\x07",
    "\x00",
    "\x7f",
    "\x9b2J",
    "\u202e",
    "\u2066",
    "\u200b",
    "\xad",
    "\ufeff",
    "\u2028",
    "\U000e0041",
    "\udcff",
    "\r",
]
SIGNS = "ÄRGER ␣ 天气 \u0645\u06cc\u200c\u062e 👩\u200d🦰 A\xa0B"


@pytest.mark.parametrize("bad", CONTROLS)
def test_what_is_no_sign_becomes_an_escape(bad, capsys, tmp_path):
    tell(f"a{bad}b\n\tc")
    told = capsys.readouterr().out
    assert told.endswith("b\n\tc\n")
    assert told.startswith("a\\u")
    assert told.replace("\n", "").replace("\t", "").isprintable()
    write_text(tmp_path / "a.txt", f"a{bad}b\n")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == told[: -len("\tc\n")]
    write_json(tmp_path / "a.json", {bad: [f"a{bad}b"]})
    content = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert content.replace("\n", "").isprintable()
    assert json.loads(content) == {bad: [f"a{bad}b"]}


def test_nothing_but_tell_prints():
    package = pathlib.Path(dtf_keras.__file__).parent
    printing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "benchmarks" not in path.parts  # which show figures alone
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == "print"
    }
    assert printing == {"words.py", "zoo/progress.py"}


def test_signs_of_all_scripts_stay():
    assert printable(SIGNS) == SIGNS
    assert printable("a\nb") == "a\\u000ab"


def test_errors_quote_beginning_and_end_of_what_is_long():
    assert quoted("RAIN") == "'RAIN'"
    assert quoted("\x1b\u202e") == r"'\x1b\u202e'"
    long = quoted("A" + 10**6 * "\x1b" + "Z")
    assert len(long) <= 200
    assert long[:2] == "'A"
    assert long[-2:] == "Z'"
    assert len(quoted({"a": [10**6 * "b"]})) <= 210
    assert shortened(98 * "a" + "b" + 300 * "c", 100) == 49 * "a" + "…" + 50 * "c"
    assert shortened("short") == "short"


def test_a_command_tells_its_errors_without_control_characters(capsys):
    @command(ValueError)
    def main():
        raise ValueError(f"Clip \x1b[2J: {10**5 * 'x'}.\nMend it.")

    assert main() == 1
    told = capsys.readouterr().err
    first, second, rest = told.split("\n")
    assert first.startswith("error: Clip \\u001b[2J: xxx")
    assert len(first) < 5000
    assert (second, rest) == ("Mend it.", "")
