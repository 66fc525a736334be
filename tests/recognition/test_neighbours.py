"""What the dynamic layers of a model fused, to be drawn."""

import numpy as np
import pytest

from dtf_keras.recognition import StepModel
from tests.helpers import small
from tests.helpers.clips import model

FRAMES = 40
LAYERS = {
    "full_conv_v9": {"fusion": (4, 1), "pooled_fusion": (2, 4)},
    "dtf_resnet18": {"fusion": (4, 1)},
    "mltsf": {"fusion_window2": (2, 1), "fusion_window4": (4, 1)},
}
"""Of each layer k, and frames between two anchors."""


@pytest.mark.parametrize("name", LAYERS)
def test_each_window_of_each_layer_tells_its_own(name):
    step_model = StepModel.of(model(name))
    clip = small.video([FRAMES], FRAMES)[0]
    features = np.concatenate([part for part, _ in step_model.features(clip)])
    found = step_model.steps(features, with_neighbours=True).neighbours
    assert [one.layer for one in found] == [*LAYERS[name]]
    for one in found:
        window, span = LAYERS[name][one.layer]
        assert (one.span, one.reach) == (span, window - 1)
        np.testing.assert_array_equal(one.anchors, np.arange(0, FRAMES, span))
        for anchor, chosen in zip(one.anchors, one.chosen, strict=True):
            assert len(chosen) == window
            assert (np.abs(chosen - anchor) <= one.reach * span).all()
