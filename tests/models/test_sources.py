"""What others report, and where."""

import csv
import pathlib
import re

import pytest

from dtf_keras import data, models

NETWORKS = pathlib.Path(__file__).parents[3] / "shared" / "networks" / "networks.md"


def test_every_figure_has_its_source_its_corpus_and_a_place():
    figures = models.reported()
    assert len(figures) > 20
    for one in figures:
        assert one.source in models.SOURCES
        assert one.corpus in data.list()
        assert one.split in ("dev", "test")
        assert 0 < one.wer < 100
        assert one.where
    keys = [(one.model, one.recipe, one.corpus, one.split) for one in figures]
    assert len(set(keys)) == len(keys)


def test_figures_are_found_by_model_recipe_corpus_and_split():
    def wers(*arguments, **columns):
        return [one.wer for one in models.reported(*arguments, **columns)]

    assert wers("full_conv") == [29.2, 27.2, 27.5]
    assert wers("full_conv_v9", recipe="224 pixels") == [23.8]
    assert wers("vac", "distillation") == [21.2, 22.3]
    assert wers("vac_smkd", corpus="phoenix2014", split="test") == [20.5]
    assert wers("full_conv_v7") == []
    assert wers("full_conv", corpus="phoenix2014t") == []


@pytest.mark.parametrize("name", models.names())
def test_a_model_and_its_figures_have_the_same_source(name):
    entry = models.entry(name)
    assert entry.source is None or models.source(entry.source)
    assert {one.source for one in models.reported(name)} <= {entry.source}


def test_figures_are_numbers_as_their_source_writes_them():
    path = pathlib.Path(models.__file__).with_name("reported.csv")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert re.fullmatch(r"\d+\.\d+", row["wer"])


def test_a_source_says_what_was_read_and_its_licence():
    source = models.source("vac")
    assert str(source) == (
        "Visual Alignment Constraint for Continuous Sign Language Recognition, "
        "ICCV 2021, arXiv 2104.02330; VIPL-SLP/VAC_CSLR (71f3e03, 2023-03-23; "
        "licence: Apache-2.0)"
    )
    assert models.source("dynamic_temporal_fusion").licence == "none"
    assert str(models.source("mltsf")).endswith(
        ", arXiv 2107.12762; no code of it is known"
    )
    with pytest.raises(ValueError, match=r"no source 'corrnet_pluss'\. Did you mean"):
        models.source("corrnet_pluss")


def test_the_table_of_networks_says_the_same():
    if not NETWORKS.is_file():
        pytest.skip(f"{NETWORKS} is not here")
    text = NETWORKS.read_text("utf-8")
    for key, source in models.SOURCES.items():
        if key == "dynamic_temporal_fusion":
            continue
        if source.repository:
            assert f"{source.repository} ({source.commit}, {source.read_of})" in text
        assert not source.arxiv or key == "tlp" or source.arxiv in text
