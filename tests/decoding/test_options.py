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
    with pytest.raises(ValueError, match="width is 0"):
        DecoderOptions(strategy="beam", width=0).settings(["A"])


def test_options_and_language_models_do_without_keras():
    code = (
        "import sys; from dtf_keras.decoding import DecoderOptions; "
        "print(DecoderOptions(strategy='beam').settings(['A'])['width'], "
        "'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["10", "False"], done.stderr
