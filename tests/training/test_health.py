import numpy as np
import pytest

from dtf_keras.training import RunConfig, TrainingDivergedError
from dtf_keras.training.run.health import Divergence, Health

GOOD = {
    "loss": 3.0,
    "infeasible_clips": 0.0,
    "val_wer": 60.0,
    "val_glosses_recognized": 80,
}


class FakeModel:
    weights = np.ones((2, 3), "float32")

    def get_weights(self):
        return [self.weights]


@pytest.fixture
def said():
    return []


@pytest.fixture
def health(said):
    return Health(RunConfig(epochs=20), num_clips=100, say=said.append)


@pytest.fixture
def divergence():
    divergence = Divergence(RunConfig(epochs=20))
    divergence.set_model(FakeModel())
    return divergence


def test_a_good_run_is_left_in_peace(health, said):
    for epoch in range(20):
        health.on_epoch_end(epoch, GOOD)
    assert said == health.warnings == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"val_wer": 100.0, "val_glosses_recognized": 0}, "nothing but blanks"),
        ({"val_wer": 99.0, "val_glosses_recognized": 3}, "dev still has 99 % errors"),
    ],
)
def test_a_stuck_run_is_said_once_after_a_quarter_of_the_epochs(
    change, message, health, said
):
    for epoch in range(4):
        health.on_epoch_end(epoch, {**GOOD, **change})
    assert said == []
    for epoch in range(4, 20):
        health.on_epoch_end(epoch, {**GOOD, **change})
    assert len(said) == 1
    assert message in said[0]
    assert "--learning-rate (now 0.002)" in said[0]
    assert len(health.warnings) == 1


def test_infeasible_clips_are_counted_once(health, said):
    for epoch in range(3):
        health.on_epoch_end(epoch, {**GOOD, "infeasible_clips": 7.0})
    assert len(said) == 1
    assert "7 of 100 training clips" in said[0]


def test_a_continued_run_keeps_its_warnings_without_saying_them_again(said):
    history = [{**GOOD, "infeasible_clips": 7.0}] * 2
    health = Health(RunConfig(), 100, history, said.append)
    health.on_epoch_end(2, history[0])
    assert said == []
    assert len(health.warnings) == 1


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_ends_the_run(loss, divergence):
    divergence.on_train_batch_end(0, {"loss": 1.0})
    divergence.on_epoch_end(0, {"loss": 1.0})
    with pytest.raises(TrainingDivergedError, match=r"--clip-norm \(now 5\)"):
        divergence.on_train_batch_end(1, {"loss": loss})
    with pytest.raises(TrainingDivergedError, match="epoch 3"):
        divergence.on_epoch_end(2, {"loss": loss})


def test_weights_that_are_not_numbers_end_the_run_whatever_the_loss(divergence):
    divergence.model.weights = np.array([1.0, np.nan], "float32")
    with pytest.raises(TrainingDivergedError, match="by the weights after epoch 2"):
        divergence.on_epoch_end(1, {"loss": 0.0, "infeasible_clips": 100.0})
