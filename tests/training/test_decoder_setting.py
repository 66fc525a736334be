import dataclasses

import numpy as np
import pytest

from dtf_keras import data, training
from dtf_keras.decoding import DecoderOptions
from dtf_keras.training import SettingError
from dtf_keras.training.scoring.decoders import make_decoder

GLOSSES = data.Vocabulary("AB")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (DecoderOptions(), [[1, 1], []]),
        (DecoderOptions(merge_repeated_glosses=True), [[1], []]),
        (DecoderOptions("beam"), [[1, 1], [1]]),
        (DecoderOptions("beam", merge_repeated_glosses=True), [[1], [1]]),
    ],
)
def test_glosses_are_read_off_as_the_options_say(options, expected):
    a_blank_a = [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]
    # The best path is all blank, but three paths that spell A are likelier together.
    unsure = [[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [1.0, 0.0, 0.0]]
    logits = np.log(np.maximum([a_blank_a, unsure], 1e-6))
    assert make_decoder(options, GLOSSES)(logits) == expected


def test_the_width_of_the_beam_reaches_the_search():
    decoder = make_decoder(DecoderOptions("beam", width=3), GLOSSES)
    assert decoder.keywords["width"] == 3


def test_a_language_model_of_other_glosses_is_a_setting_error(tmp_path):
    arpa = tmp_path / "x.arpa"
    arpa.write_text("no model")
    with pytest.raises(SettingError, match=r"x\.arpa"):
        make_decoder(DecoderOptions("beam", language_model=arpa), GLOSSES)


@pytest.mark.usefixtures("small_model")
def test_dev_and_test_are_decoded_with_it(small_config, tmp_path, monkeypatch):
    def always_a(options, vocabulary):
        return lambda logits: [[1] for _ in logits]

    monkeypatch.setattr("dtf_keras.training.run.fitting.make_decoder", always_a)
    config = dataclasses.replace(small_config, epochs=1)
    folder = training.fit(config, tmp_path / "run")
    assert folder.read_history()[0]["val_glosses_recognized"] == 8
    wer = folder.read_metrics()["wer"]["test"]
    assert wer["deletions"] == 8
    assert wer["insertions"] == 0


@pytest.mark.usefixtures("small_model")
def test_a_language_model_is_found_from_anywhere(small_config, tmp_path, monkeypatch):
    glosses = "".join(f"-1 {gloss}\n" for gloss in ("<s>", "</s>", *"ABCD"))
    text = f"\\data\\\nngram 1=6\n\n\\1-grams:\n{glosses}\n\\end\\\n"
    (tmp_path / "x.arpa").write_text(text)
    monkeypatch.chdir(tmp_path)
    decoder = DecoderOptions("beam", 3, language_model="x.arpa")
    config = dataclasses.replace(small_config, epochs=1, decoder=decoder)
    folder = training.fit(config, tmp_path / "run")
    kept = folder.read_config().config.decoder.language_model
    assert kept == tmp_path / "x.arpa"
