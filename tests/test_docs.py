"""Every snippet of the README and of docs/ works, commands and links are right."""

import contextlib
import functools
import importlib
import io
import pathlib
import re
import shlex

import keras
import pytest

from dtf_keras import layers
from dtf_keras.benchmarks import BENCHMARKS
from dtf_keras.commands import COMMANDS as NAMES

ROOT = pathlib.Path(__file__).parents[1]
README, INDEX = ROOT / "README.md", ROOT / "docs" / "README.md"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (README, *sorted(INDEX.parent.rglob("*.md")))
}
TEXTS = {  # without their blocks of code
    page: re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for page, text in PAGES.items()
}


def blocks(page, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```", PAGES[page], re.DOTALL | re.MULTILINE
    )


SNIPPETS = {
    f"{page}, snippet {number}": snippet
    for page in PAGES
    for number, snippet in enumerate(blocks(page, "python"), start=1)
}
COMMANDS = sorted(
    {
        line.strip()
        for page in PAGES
        for block in blocks(page, "bash")
        for line in re.sub(r"\\\n\s*", "", block).splitlines()
        if "scripts/" in line
    }
)
LINKS = [
    (page, target)
    for page, text in TEXTS.items()
    for target in re.findall(r"\[[^\]]+\]\(([^)\s]+)\)", text)
]
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z.-]*")


def test_there_are_snippets_commands_and_links():
    assert len(SNIPPETS) >= 10
    assert len(COMMANDS) >= 20
    assert len(LINKS) >= 30


@pytest.mark.parametrize("place", SNIPPETS)
def test_a_snippet_prints_what_the_page_says(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippet = SNIPPETS[place]
    if "onnx" in snippet and keras.backend.backend() != "tensorflow":
        pytest.skip("ONNX is written by TensorFlow")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(snippet, place, "exec"), {})
    expected = re.findall(r"^# -> (.*)$", snippet, re.MULTILINE)
    assert expected
    assert out.getvalue().splitlines() == expected


@functools.cache
def flags_of(name, *sub_command):
    """The flags that the help of a command shows."""
    main = importlib.import_module(f"dtf_keras.commands.{name}").main
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
        main([*sub_command, "--help"])
    return set(FLAG.findall(shown.getvalue()))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_flags_that_the_page_gives_it(command):
    words = shlex.split(command[command.index("scripts/") :])
    name = pathlib.Path(words[0]).stem
    assert (ROOT / words[0]).is_file()
    known = flags_of(name, *(words[1:2] if name == "benchmark" else []))
    for flag in (word for word in words if word.startswith("--")):
        assert flag in known, f"{name} has no {flag}"


def test_layers_of_the_table_are_there():
    table = re.findall(r"^\| (`[A-Z].*`) \|", PAGES["docs/models.md"], re.MULTILINE)
    names = [name for cell in table for name in re.findall(r"`(\w+)`", cell)]
    assert len(names) >= 10
    assert all(issubclass(getattr(layers, name), keras.layers.Layer) for name in names)


def test_flags_in_sentences_are_flags_of_some_command():
    known = {flag for name in NAMES for flag in flags_of(name)}
    known |= {flag for name in BENCHMARKS for flag in flags_of("benchmark", name)}
    named = {
        flag
        for text in TEXTS.values()
        for code in re.findall(r"`([^`]+)`", text)
        for flag in FLAG.findall(code)
    }
    assert named
    assert named <= known


def headings(page):
    """The anchors of a page, as GitHub makes them of its headings."""
    found = re.findall(r"^#+ (.*)$", TEXTS[page], re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in found}


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_to_a_file_and_to_a_heading_of_it(page, target):
    place, _, anchor = target.partition("#")
    path = ((ROOT / page).parent / place).resolve() if place else ROOT / page
    assert path.is_relative_to(ROOT)
    assert path.is_file()
    if anchor:
        assert anchor in headings(path.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("index", ["README.md", "docs/README.md"])
def test_every_page_is_in_the_index(index):
    linked = {
        ((ROOT / index).parent / target.partition("#")[0]).resolve()
        for page, target in LINKS
        if page == index
    }
    assert {(ROOT / page) for page in PAGES} - {ROOT / index, INDEX, README} <= linked


def test_continuous_integration_runs_the_commands_of_the_readme():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    setups = [
        block.strip()
        for block in blocks("README.md", "bash")
        if "pip install -e" in block and "my_video" not in block
    ]
    assert len(setups) == 2
    for setup in setups:
        assert setup in ci
