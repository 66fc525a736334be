"""CTC of the source, whose blank is the last class, against ours."""

import numpy as np
import pytest
from keras import ops

from dtf_keras import convert
from dtf_keras.layers import BlankPadding, lengths_to_mask
from dtf_keras.models import CTCLoss, InfeasibleClips
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import gradient, jit, to_numpy


class Clips:
    """A fixture with blank moved to class 0."""

    def __init__(self, name):
        golden = recipe.fixture(name)
        self.order = convert.family_of("full_conv").class_order(
            golden["logits"].shape[-1]
        )
        self.logits = golden["logits"][..., self.order].astype("float32")
        # A gloss moves one place up; the padding of the labels, -1, becomes 0.
        self.glosses = (golden["labels_padded"] + 1).astype("int32")
        steps = ops.convert_to_tensor(golden["input_lengths"])
        self.mask = lengths_to_mask(steps, self.logits.shape[1])
        self.losses = golden["loss"]
        self.total = golden["total"]
        self.slope = golden["grad"][..., self.order]

    def padded(self, logits):
        return BlankPadding()(logits, mask=self.mask)

    def total_loss(self, logits):
        return CTCLoss()(self.glosses, self.padded(logits))


@pytest.mark.parametrize("name", ["ctc_P1", "ctc_P2", "ctc_P3"])
def test_losses_and_gradients(name):
    clips = Clips(name)
    feasible = np.isfinite(clips.losses)
    logits = ops.convert_to_tensor(clips.logits)
    for run in (clips.total_loss, jit(clips.total_loss)):
        assert float(run(logits)) == pytest.approx(float(clips.total), abs=1e-4)
    losses = to_numpy(CTCLoss().call(clips.glosses, clips.padded(logits)))
    np.testing.assert_allclose(losses[feasible], clips.losses[feasible], atol=1e-4)
    assert (losses[~feasible] == 0).all()
    slope = gradient(clips.total_loss, clips.logits)
    np.testing.assert_allclose(slope[feasible], clips.slope[feasible], atol=5e-5)
    assert (slope[~feasible] == 0).all()
    counter = InfeasibleClips()
    counter.update_state(clips.glosses, clips.padded(logits))
    assert float(counter.result()) == (~feasible).sum()
