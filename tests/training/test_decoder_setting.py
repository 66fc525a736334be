import dataclasses

import numpy as np
import pytest
from dtf_keras.training.run.parts import build_model, make_decoder

from dtf_keras import data, training
from dtf_keras.training import RunConfig

GLOSSES = data.Vocabulary("AB")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [[1, 1], []]),
        ({"merge_repeats": "true"}, [[1], []]),
        ({"decoder": "beam"}, [[1, 1], [1]]),
        ({"decoder": "beam", "merge_repeats": "true"}, [[1], [1]]),
    ],
)
def test_glosses_are_read_off_as_the_config_says(settings, expected):
    a_blank_a = [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]
    # The best path is all blank, but three paths that spell A are likelier together.
    unsure = [[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [1.0, 0.0, 0.0]]
    logits = np.log(np.maximum([a_blank_a, unsure], 1e-6))
    decoder = make_decoder(RunConfig(**settings), GLOSSES)
    assert decoder(logits) == expected


def test_the_width_of_the_beam_reaches_the_search():
    decoder = make_decoder(RunConfig(decoder="beam", beam_width=3), GLOSSES)
    assert decoder.keywords["width"] == 3


@pytest.mark.usefixtures("small_model")
def test_dev_and_test_are_decoded_with_it(small_config, tmp_path, monkeypatch):
    def always_a(config, vocabulary):
        return lambda logits: [[1] for _ in logits]

    monkeypatch.setattr("dtf_keras.training.run.fitting.make_decoder", always_a)
    monkeypatch.setattr("dtf_keras.training.run.report.make_decoder", always_a)
    config = dataclasses.replace(small_config, epochs=1)
    folder = training.fit(config, tmp_path / "run")
    assert folder.read_history()[0]["val_glosses_recognized"] == 8
    wer = folder.read_metrics()["wer"]["test"]
    assert wer["deletions"] == 8
    assert wer["insertions"] == 0


@pytest.mark.usefixtures("small_model")
def test_the_lengths_of_the_config_are_those_of_the_loss(small_config):
    for lengths in ("true", "padded"):
        config = dataclasses.replace(small_config, ctc_lengths=lengths)
        loss = build_model(config, 5, 6).loss
        assert loss.padded_lengths == (lengths == "padded")
