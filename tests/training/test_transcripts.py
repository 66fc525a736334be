import functools

import numpy as np
import pytest

from dtf_keras import data, decoding, training

pytestmark = pytest.mark.usefixtures("small_config")


class Undecided:
    """Blank is the most probable class, `A` the most probable transcription."""

    def predict_on_batch(self, inputs):
        step = np.log([0.4, 0.35, 0.25, 1e-30, 1e-30])
        return np.tile(step, (len(inputs["clip_index"]), 2, 1))


def test_a_decoder_can_be_given():
    dev = data.load("coloured_frames", "dev", num_clips=2)
    assert training.transcribe(Undecided(), dev) == [[], []]
    beam = functools.partial(decoding.decode, strategy="beam", width=5)
    assert training.transcribe(Undecided(), dev, decoder=beam) == [["A"], ["A"]]
