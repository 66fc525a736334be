import json
import subprocess
import sys

import numpy as np
import pytest
import tyro

from dtf_keras.decoding import DecoderOptions, decode, greedy

ARPA = "\\data\\\nngram 1=4\n\n\\1-grams:\n-1 <s>\n-1 </s>\n-3 A\n-0.1 B\n\n\\end\\\n"


def test_options_of_a_command_line_decode(tmp_path):
    logits = np.random.default_rng(0).normal(size=(4, 12, 3)).astype("float32")
    arpa = tmp_path / "glosses.arpa"
    arpa.write_text(ARPA)
    flags = ["--strategy", "beam", "--width", "4", "--language-model", str(arpa)]
    options = tyro.cli(DecoderOptions, args=[*flags, "--alpha", "3"])
    settings = options.settings(["A", "B"])
    found = decode(logits, **settings)
    assert found == decode(
        logits,
        strategy="beam",
        width=4,
        language_model=settings["language_model"],
        alpha=3.0,
    )
    assert {class_id for ids in found for class_id in ids} == {2}  # A costs a lot
    assert decode(logits, **DecoderOptions().settings(["A", "B"])) == greedy(logits)


def test_a_language_model_needs_the_beam_search(tmp_path):
    with pytest.raises(ValueError, match="needs the strategy 'beam'"):
        DecoderOptions(language_model=tmp_path / "x.arpa").settings(["A"])
    options = DecoderOptions(strategy="beam", language_model=tmp_path / "x.arpa")
    with pytest.raises(FileNotFoundError, match=r"x\.arpa"):
        options.settings(["A"])


@pytest.mark.parametrize(
    "setting", [{"width": 5}, {"top": 3}, {"alpha": 1.0}, {"beta": 0.5}]
)
def test_settings_of_the_beam_search_are_not_ignored_by_greedy_decoding(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"{name}=.* needs the strategy 'beam'"):
        DecoderOptions(**setting).settings(["A"])


def test_a_beam_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="width must be a whole number from 1"):
        DecoderOptions(strategy="beam", width=0).settings(["A"])


def test_another_strategy_leaves_behind_what_it_cannot_use(tmp_path):
    beam = DecoderOptions(
        "beam", 5, language_model=tmp_path / "x.arpa", merge_repeated_glosses=True
    )
    greedy = beam.with_strategy("greedy")
    assert greedy == DecoderOptions(merge_repeated_glosses=True)
    greedy.check()
    assert greedy.with_strategy("beam").width == 10
    assert beam.with_strategy("beam") == beam


def test_options_are_named_in_words(tmp_path):
    assert str(DecoderOptions()) == "best path (greedy)"
    options = DecoderOptions("beam", 5, merge_repeated_glosses=True)
    assert str(options) == "prefix beam search of width 5, repeats merged"
    options = DecoderOptions("beam", language_model=tmp_path / "x.arpa")
    assert str(options).endswith("of width 10 with the language model x.arpa")


def test_options_are_a_dict_and_back(tmp_path):
    options = DecoderOptions("beam", 5, language_model=tmp_path / "x.arpa")
    assert DecoderOptions.from_dict(json.loads(json.dumps(options.to_dict()))) == (
        options
    )
    assert DecoderOptions.from_dict({}) == DecoderOptions()
    with pytest.raises(ValueError, match=r"no option 'wide' of the decoder.*width"):
        DecoderOptions.from_dict({"wide": 3})
    with pytest.raises(ValueError, match="width of the decoder is '3': expected a who"):
        DecoderOptions.from_dict({"width": "3"})


def test_options_and_language_models_do_without_keras():
    code = (
        "import sys; from dtf_keras.decoding import DecoderOptions; "
        "print(DecoderOptions(strategy='beam').settings(['A'])['width'], "
        "'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["10", "False"], done.stderr
