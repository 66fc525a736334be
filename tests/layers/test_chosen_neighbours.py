import keras
import numpy as np
import pytest
from backends import to_numpy

from dtf_keras.layers import (
    ChosenNeighbours,
    FrameMask,
    HashMapMerge,
    TemporalAttention3,
    TemporalAttention4,
)

FUSIONS = [TemporalAttention3, TemporalAttention4, HashMapMerge]


@pytest.mark.parametrize("kind", FUSIONS)
def test_it_tells_what_the_layer_chooses(kind):
    """A residual-free fusion by softmax, made again from what was chosen."""
    features = np.random.default_rng(0).normal(size=(2, 20, 8)).astype("float32")
    lengths = np.array([20, 13], "int32")
    fusion = kind(window=3, residual=False, fusion="softmax")
    frames, num_frames = keras.Input((20, 8)), keras.Input((), dtype="int32")
    outputs = fusion(FrameMask()([frames, num_frames]))
    chosen = ChosenNeighbours(fusion)(fusion.input)
    model = keras.Model([frames, num_frames], [outputs, *chosen])
    fused, anchors, near, slots = model.predict_on_batch([features, lengths])
    assert near.shape == slots.shape == (*anchors.shape, 3)
    for row, length in enumerate(lengths):
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
            scores = features[row, own] @ features[row, anchor] / np.sqrt(8)
            weights = np.exp(scores) / np.exp(scores).sum()
            expected = weights @ features[row, own]
            np.testing.assert_allclose(to_numpy(out), expected, atol=1e-5)
