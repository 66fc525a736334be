"""What importing the package costs and what its folders may import."""

import ast
import os
import pathlib
import subprocess
import sys

import pytest

import dtf_keras
from dtf_keras import commands

ROOT = pathlib.Path(dtf_keras.__file__).parent
FLOORS = ["landmarks", "data", "layers", "decoding", "recognition", "models", "zoo"]
FLOORS += [
    "convert",
    "evaluation",
    "pictures",
    "training",
    "tuning",
    "benchmarks",
    "web",
    "commands",
]


def modules_after(statement):
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    env = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


HEAVY = {"keras", "tensorflow", "torch", "jax", "matplotlib", "spoken_to_signed"}


COMMANDS = [f".commands.{name}" for name in commands.COMMANDS]


@pytest.mark.parametrize("name", ["", ".data", ".evaluation", *COMMANDS])
def test_importing_brings_in_no_framework(name):
    assert not HEAVY & modules_after(f"import dtf_keras{name}")


def test_the_zoo_brings_in_no_more_than_keras_does():
    by_keras = HEAVY & modules_after("import keras")
    assert HEAVY & modules_after("import dtf_keras.zoo") == by_keras


def imported_floors(path):
    """The subpackages of this package that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "dtf_keras":
                names = [f"dtf_keras.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found |= {p[1] for p in parts if p[0] == "dtf_keras" and len(p) > 1}
    return found & set(FLOORS)


@pytest.mark.parametrize("floor", FLOORS)
def test_a_lower_folder_never_imports_a_higher_one(floor):
    allowed = set(FLOORS[: FLOORS.index(floor) + 1])
    files = list((ROOT / floor).rglob("*.py"))
    assert files
    for path in files:
        higher = imported_floors(path) - allowed
        assert not higher, f"{path.name} imports {higher}"


def test_every_folder_has_its_floor():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders == set(FLOORS)
