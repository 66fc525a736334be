import subprocess
import sys

import pytest

import dtf_keras
from dtf_keras import data
from dtf_keras.data.corpora import registry


def test_embedded_corpora_are_listed():
    assert {"fingerspelling", "fingerspelling_si"} <= set(data.list())


def test_a_registered_corpus_loads_with_its_options(make_corpus, monkeypatch):
    monkeypatch.setattr(registry, "_CORPORA", dict(registry._CORPORA))

    @data.register("mine")
    def mine(split, length=12):
        return make_corpus([length])

    assert data.load("mine", "train", length=20).clips[0].num_frames == 20
    with pytest.raises(ValueError, match="registered already"):
        data.register("mine")(mine)


def test_unknown_corpus_names_the_closest():
    with pytest.raises(
        ValueError, match=r"no corpus 'fingerspeling'\. Did you mean fingerspelling"
    ):
        data.load("fingerspeling", "train")


def test_unknown_option_names_the_known_ones():
    with pytest.raises(
        ValueError, match=r"no option of fingerspelling 'size'.*frame_size"
    ):
        data.load("fingerspelling", "train", size=32)


def test_a_corpus_says_what_it_is(make_corpus, monkeypatch):
    monkeypatch.setattr(registry, "_CORPORA", dict(registry._CORPORA))
    recorded = [name for name in data.list() if data.facts(name).recorded]
    own = ["packed", "phoenix2014", "phoenix2014_si5", "phoenix2014t", "table"]
    assert recorded == ["asl_fingerspelling", "csl_daily", *own]
    drawn = data.facts("fingerspelling")
    assert drawn.licence().startswith("recordings of spoken-to-signed")
    assert len(drawn.limits) == len(data.facts("fingerspelling_si").limits) + 1
    assert data.facts("table") == data.CorpusFacts()

    facts = data.CorpusFacts(limits=("It is small.",))
    data.register("plain", facts)(lambda split: make_corpus([12]))
    data.register("other")(lambda split: make_corpus([12]))
    assert data.facts("plain") is facts
    # The second gives a corpus of the first's name, as a packed file does.
    assert data.load("other", "train").facts is facts
    with pytest.raises(ValueError, match="no corpus 'mine'"):
        data.facts("mine")


def test_import_stays_light():
    heavy = {"tensorflow", "torch", "jax", "keras", "matplotlib", "pose_format", "PIL"}
    heavy |= {"pyarrow"}
    parent = list(dtf_keras.__path__)  # stands in for it, whatever it imports itself
    code = (
        "import sys, types; parent = types.ModuleType('dtf_keras'); "
        f"parent.__path__ = {parent}; sys.modules['dtf_keras'] = parent; "
        f"import dtf_keras.data; print({heavy} & set(sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "set()"
