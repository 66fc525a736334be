import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import BlankPadding, count_valid_steps
from dtf_keras.models import CTCLoss, InfeasibleClips
from dtf_keras.models.losses.ctc import is_feasible
from tests.helpers import small
from tests.helpers.backends import gradient, to_numpy

STEPS = np.array([9, 5, 3])
GLOSSES = np.array([[1, 2, 2], [3, 0, 0], [2, 0, 0]], "int32")


@pytest.fixture
def logits():
    """Three clips of 9, 5 and 3 steps, blank made certain on the others."""
    x = np.random.default_rng(4).normal(size=(3, 9, 5)).astype("float32")
    mask = np.arange(9) < STEPS[:, None]
    return to_numpy(BlankPadding()(x, mask=ops.convert_to_tensor(mask)))


def test_loss_is_the_mean_over_clips_of_ctc_on_their_real_steps(logits):
    alone = [
        to_numpy(
            ops.ctc_loss(
                ops.convert_to_tensor(GLOSSES[row : row + 1, :labels]),
                ops.convert_to_tensor(logits[row : row + 1, :steps]),
                np.array([labels], "int32"),
                np.array([steps], "int32"),
            )
        )[0]
        for row, (steps, labels) in enumerate(zip(STEPS, [3, 1, 1], strict=True))
    ]
    np.testing.assert_allclose(to_numpy(CTCLoss().call(GLOSSES, logits)), alone, 1e-5)
    assert float(CTCLoss()(GLOSSES, logits)) == pytest.approx(np.mean(alone), rel=1e-5)


def test_a_clip_too_short_for_its_glosses_weighs_nothing_and_is_counted(logits):
    glosses = np.array([[1, 2, 2], [3, 0, 0], [2, 2, 0]], "int32")
    # 2, blank, 2 needs the 3 steps there are; one gloss more does not fit.
    assert to_numpy(is_feasible(glosses, logits)).tolist() == [True, True, True]
    glosses[2] = [2, 2, 1]
    assert to_numpy(is_feasible(glosses, logits)).tolist() == [True, True, False]
    losses = to_numpy(CTCLoss().call(glosses, logits))
    assert losses[2] == 0
    assert (losses[:2] > 0).all()
    metric = InfeasibleClips()
    metric.update_state(glosses, logits)
    metric.update_state(GLOSSES, logits)
    assert float(metric.result()) == 1


def test_gradients_are_finite_and_reach_only_real_steps_of_feasible_clips(logits):
    glosses = np.array([[1, 2, 2], [0, 0, 0], [2, 2, 1]], "int32")
    slope = gradient(lambda x: CTCLoss()(glosses, x), logits)
    assert np.isfinite(slope).all()
    assert np.abs(slope[0]).max() > 1e-3
    assert np.abs(slope[1, :5]).max() > 1e-3  # no gloss: only blanks
    assert np.abs(slope[2]).max() == 0


def test_a_clip_without_steps_is_harmless():
    logits = np.full((1, 4, 3), -1e9, "float32")
    logits[..., 0] = 0
    glosses = np.zeros((1, 2), "int32")
    assert float(CTCLoss()(glosses, logits)) == pytest.approx(0, abs=1e-5)
    assert np.isfinite(gradient(lambda x: CTCLoss()(glosses, x), logits)).all()


def test_a_broken_model_gives_a_nan_loss_not_that_of_an_empty_clip(logits):
    broken = np.full_like(logits, np.nan)
    assert to_numpy(count_valid_steps(broken)).tolist() == [9, 9, 9]
    assert not np.isfinite(float(CTCLoss()(GLOSSES, broken)))


def test_padded_lengths_count_the_padding_as_steps_of_the_clip():
    logits = np.random.default_rng(4).normal(size=(3, 9, 5)).astype("float32")
    mask = ops.convert_to_tensor(np.arange(9) < STEPS[:, None])
    passing = BlankPadding(active_in_training=False)
    padded = to_numpy(
        CTCLoss().call(GLOSSES, passing(logits, mask=mask, training=True))
    )
    true = to_numpy(CTCLoss().call(GLOSSES, BlankPadding()(logits, mask=mask)))
    np.testing.assert_allclose(padded[0], true[0], 1e-5)  # the longest of its batch
    assert (np.abs(padded[1:] - true[1:]) > 0.5).all()
    glosses = np.array([[1, 2, 2], [3, 0, 0], [2, 2, 1]], "int32")
    assert to_numpy(CTCLoss().call(glosses, logits))[2] > 0


def test_a_model_learns_blanks_on_padding_only_with_padded_lengths():
    clips = small.inputs([16, 8])
    model = small.build("full_conv", padded_lengths=True)
    assert to_numpy(count_valid_steps(model(clips, training=True))).tolist() == [4, 4]
    assert to_numpy(count_valid_steps(model(clips))).tolist() == [4, 2]
    usual = small.build("full_conv")
    assert to_numpy(count_valid_steps(usual(clips, training=True))).tolist() == [4, 2]
