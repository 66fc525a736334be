import numpy as np

from dtf_keras.benchmarks import decoding as benchmark
from dtf_keras.decoding import beam_search, greedy

SMALL = benchmark.Arguments(
    clips=2, steps=5, classes=4, width=3, repeats=1, keras_beam=True
)


def test_every_decoder_is_timed_and_printed(capsys):
    times = benchmark.run(SMALL)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("2 x 5 x 4 logits, width 3")
    assert len(times) == len(lines) == 6
    for (name, milliseconds), line in zip(times.items(), lines, strict=True):
        assert milliseconds > 0
        assert line.startswith(name)


def test_the_logits_hold_glosses_and_are_those_of_the_seed():
    logits = benchmark.random_logits(SMALL)
    assert logits.shape == (2, 5, 4)
    assert logits.dtype == "float32"
    assert any(greedy(logits))
    np.testing.assert_array_equal(logits, benchmark.random_logits(SMALL))


def test_the_stand_in_for_a_language_model_prefers_no_gloss():
    logits = benchmark.random_logits(SMALL)
    scores = benchmark.UniformScores(4)
    asked = beam_search(logits, language_model=scores, alpha=1.0)
    bonus = beam_search(logits, beta=-np.log(4))
    assert [row[0].class_ids for row in asked] == [row[0].class_ids for row in bonus]
