import dataclasses
import pathlib

import pytest

import dtf_keras
from dtf_keras.benchmarks.models import PLAIN, Figures, read_table
from dtf_keras.benchmarks.models_table import tables
from dtf_keras.zoo.marked_table import marks

ROOT = pathlib.Path(dtf_keras.__file__).parents[1]
MEASURED = ROOT / "results" / "models.csv"
PAGES = {
    "models": "README.md",
    "sizes": "docs/networks.md",
    "speeds": "docs/results.md",
}

VAC = Figures(
    model="vac",
    phase="forward",
    backend="jax",
    device="a processor, 2 cores",
    precision="float32",
    clips=1,
    frames=32,
    frame_size="224x224",
    width=1.0,
    classes=1296,
    parameters=34325792,
    gmacs_per_frame=1.823,
    frames_per_second=1040.6,
    matrix_share=0.42,
    peak_memory_gib=1.37,
    versions="python 3.12, keras 3.15",
    date="2026-11-26",
)
TRAINING = dataclasses.replace(
    VAC, phase="training", frames_per_second=9.1, date="2026-11-27"
)
SMALL = dataclasses.replace(VAC, model="full_conv", frame_size="112x112")
ON_TORCH = dataclasses.replace(VAC, backend="torch", versions="python 3.12, torch 2")
ON_A_CARD = dataclasses.replace(VAC, device="a card", precision="mixed_bfloat16")


def test_phases_of_a_model_stand_in_one_row_under_what_they_were_measured_on():
    assert tables([VAC, TRAINING])["models"].splitlines() == [
        "2026-11-26 to 2026-11-27, a processor, 2 cores, jax, float32, 1 x 32 frames, "
        "V = 1296, width 1; python 3.12, keras 3.15:",
        "",
        "| model | pixels | parameters | GMAC a frame | forward, frames/s "
        "| training, frames/s |",
        "|---|---|---:|---:|---:|---:|",
        "| `vac` | 224 x 224 | 34,325,792 | 1.823 | 1,040.6 | 9.1 |",
    ]


def test_every_row_is_in_a_table_of_its_machine_and_batch():
    found = tables([VAC, SMALL, ON_TORCH, ON_A_CARD])["speeds"]
    here, card = found.split("\n\n2026")
    cells = [row.strip("| ").split(" | ") for row in here.splitlines()[4:]]
    assert [(row[0], row[4]) for row in cells] == [
        ("`vac`", "jax"),
        ("`vac`", "torch"),
        ("`full_conv`", "jax"),
    ]
    assert "keras 3.15, torch 2:" in here
    assert "a card, mixed_bfloat16" in card
    assert here.splitlines()[4].endswith("| jax | 1,040.6 |  | 42 % |  | 1.37 |  |")


def test_the_first_page_has_the_backend_on_which_most_models_were_measured():
    table = tables([ON_TORCH, VAC, SMALL, dataclasses.replace(VAC, model=PLAIN)])
    assert [row[:9] for row in table["models"].splitlines()[4:]] == [
        "| `vac` |",
        "| `full_c",
    ]
    assert ", jax, " in table["models"]


def test_sizes_are_those_of_the_published_networks():
    narrow = dataclasses.replace(VAC, width=0.25, model="sen")
    rows = tables([narrow, SMALL, VAC, ON_TORCH])["sizes"].splitlines()
    assert rows[2:] == ["| `vac` | 34,325,792 | 1.823 |"]


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_have_the_tables_of_what_was_measured(name):
    begin, end = marks(name)
    page = (ROOT / PAGES[name]).read_text("utf-8")
    assert (page.count(begin), page.count(end)) == (1, 1)
    rows = read_table(MEASURED)
    if not rows:
        pytest.skip("nothing that was measured is here")
    assert f"{begin}\n{tables(rows)[name]}\n{end}" in page
