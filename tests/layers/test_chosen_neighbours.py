import keras
import numpy as np
import pytest

from dtf_keras.layers import (
    ChosenNeighbours,
    FrameMask,
    HashMapMerge,
    TemporalAttention3,
    TemporalAttention4,
)
from tests.helpers.backends import to_numpy

FUSIONS = [TemporalAttention3, TemporalAttention4, HashMapMerge]
FEATURES = np.random.default_rng(0).normal(size=(2, 20, 8)).astype("float32")
LENGTHS = np.array([20, 13], "int32")


def with_choice(fusion):
    """A model of what a layer chooses, and of its output."""
    frames, num_frames = keras.Input((20, 8)), keras.Input((), dtype="int32")
    outputs = fusion(FrameMask()([frames, num_frames]))
    chosen = ChosenNeighbours(fusion)(fusion.input)
    return keras.Model([frames, num_frames], [*chosen, outputs])


@pytest.mark.parametrize("kind", FUSIONS)
def test_it_tells_what_the_layer_chooses(kind):
    """A residual-free fusion by softmax, made again from what was chosen."""
    model = with_choice(kind(window=3, residual=False, fusion="softmax"))
    anchors, near, slots, fused = model.predict_on_batch([FEATURES, LENGTHS])
    assert near.shape == slots.shape == (*anchors.shape, 3)
    for row, length in enumerate(LENGTHS):
        real = slots[row].any(axis=-1)
        assert (anchors[row, real] < length).all()
        for out, anchor, own, slot in zip(
            fused[row, real],
            anchors[row, real],
            near[row, real],
            slots[row, real],
            strict=True,
        ):
            own = own[slot]
            assert (np.diff(own) > 0).all()
            assert (np.abs(own - anchor) <= 2).all()
            scores = FEATURES[row, own] @ FEATURES[row, anchor] / np.sqrt(8)
            weights = np.exp(scores) / np.exp(scores).sum()
            expected = weights @ FEATURES[row, own]
            np.testing.assert_allclose(to_numpy(out), expected, atol=1e-5)


@pytest.mark.parametrize("kind", FUSIONS)
def test_a_saved_model_chooses_the_same(kind, tmp_path):
    model = with_choice(kind(window=3))
    expected = model.predict_on_batch([FEATURES, LENGTHS])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    copy = keras.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    for one in (loaded, copy):
        got = one.predict_on_batch([FEATURES, LENGTHS])
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
