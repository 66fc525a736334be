"""Models with several heads: all of them in training, the logits otherwise."""

import keras
import numpy as np
import pytest

from dtf_keras.models import CTCLoss
from tests.helpers.backends import to_numpy
from tests.helpers.small import inputs
from tests.helpers.two_heads import build, register

GLOSSES = np.array([[1, 2], [3, 0]], "int32")


@pytest.fixture
def two_heads(monkeypatch):
    """Builds a model with two heads, registered for a test."""
    register(monkeypatch)
    return build


def test_training_gives_every_head_and_all_else_the_logits(two_heads):
    model = two_heads()
    x = inputs([16, 12])
    heads = model(x, training=True)
    assert set(heads) == {"logits", "early"}
    assert heads["early"].shape == heads["logits"].shape
    logits = model(x)
    assert tuple(logits.shape) == (2, 4, 6)
    np.testing.assert_allclose(model.predict_on_batch(x), to_numpy(logits), atol=1e-5)
    assert model.predict(x, verbose=0).shape == (2, 4, 6)
    video = keras.Input((None, 32, 32, 3))
    assert model(video).shape == (None, None, 6)


def test_the_loss_is_the_weighted_sum_of_the_heads(two_heads):
    model = two_heads()
    model.compile(keras.optimizers.SGD(0.0))
    x = inputs([16, 12])
    heads = model(x, training=True)
    own = {head: float(CTCLoss()(GLOSSES, logits)) for head, logits in heads.items()}
    logs = model.train_on_batch(x, GLOSSES, return_dict=True)
    assert set(logs) == {"loss", "logits_loss", "early_loss", "infeasible_clips"}
    assert float(logs["logits_loss"]) == pytest.approx(own["logits"], rel=1e-3)
    assert float(logs["early_loss"]) == pytest.approx(own["early"], rel=1e-3)
    expected = own["logits"] + 0.3 * own["early"]
    assert float(logs["loss"]) == pytest.approx(expected, rel=1e-3)
    model.compile(keras.optimizers.SGD(0.0), head_weights={"early": 2.0, "logits": 0.5})
    logs = model.train_on_batch(x, GLOSSES, return_dict=True)
    expected = 0.5 * own["logits"] + 2 * own["early"]
    assert float(logs["loss"]) == pytest.approx(expected, rel=1e-3)


def test_what_layers_add_is_in_the_loss_of_training_alone(two_heads):
    x = inputs([16, 12])
    losses = []
    for pull in (False, True):
        model = two_heads(pull=pull)
        model.compile(keras.optimizers.SGD(0.0))
        before = model.evaluate(x, GLOSSES, verbose=0, return_dict=True)
        assert set(before) == {"loss", "infeasible_clips"}
        losses.append(float(model.train_on_batch(x, GLOSSES, return_dict=True)["loss"]))
        losses.append(before["loss"])
    assert losses[2] > losses[0] + 1e-3
    assert losses[3] == pytest.approx(losses[1], rel=1e-5)


def test_fit_has_a_figure_a_head_and_validates_on_the_logits(two_heads):
    model = two_heads(pull=True)
    model.compile(keras.optimizers.Adam(3e-3))
    x, y = inputs([16, 12, 16, 9]), np.concatenate([GLOSSES, GLOSSES])
    history = model.fit(
        x, y, batch_size=2, epochs=4, verbose=0, validation_data=(x, y)
    ).history
    assert {"loss", "logits_loss", "early_loss", "val_loss"} <= set(history)
    assert "val_early_loss" not in history
    for figure in ("loss", "logits_loss", "early_loss"):
        assert history[figure][-1] < history[figure][0]


def test_a_saved_model_goes_on_with_the_weights_of_its_heads(two_heads, tmp_path):
    model = two_heads(early_weight=0.7)
    model.compile(keras.optimizers.SGD(1e-3))
    model.train_on_batch(inputs([16, 12]), GLOSSES)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = inputs([14, 12])
    expected = model.train_on_batch(x, GLOSSES, return_dict=True)
    got = again.train_on_batch(x, GLOSSES, return_dict=True)
    assert set(got) == set(expected)
    assert float(got["loss"]) == pytest.approx(float(expected["loss"]), rel=1e-4)


@pytest.mark.parametrize("loss", ["ctc", {"logits": "ctc", "early": CTCLoss()}])
def test_a_loss_of_keras_is_the_loss_of_each_head(two_heads, loss):
    model = two_heads()
    model.compile("sgd", loss=loss)
    logs = model.train_on_batch(inputs([16, 16]), GLOSSES, return_dict=True)
    assert set(logs) == {"loss", "logits_loss", "early_loss"}
    weighed = float(logs["logits_loss"]) + 0.3 * float(logs["early_loss"])
    assert float(logs["loss"]) == pytest.approx(weighed, rel=1e-4)


def test_layers_of_other_heads_rest_when_a_model_answers(two_heads):
    model, called = two_heads(), []
    early = model.get_layer("early_head")
    compute = early.call

    def watched(x, **kwargs):
        called.append(x)
        return compute(x, **kwargs)

    early.call = watched
    assert set(model(inputs([16]), training=True)) == {"logits", "early"}
    assert len(called) == 1
    assert model(inputs([16])).shape[0] == 1
    assert len(called) == 1


def test_a_weight_of_no_head_is_refused(two_heads):
    with pytest.raises(ValueError, match=r"no head 'erly' .*Did you mean early"):
        two_heads().compile(head_weights={"erly": 1.0})
