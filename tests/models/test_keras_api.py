"""What users of Keras do with a model, for a model with one head and one with more."""

import keras
import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.models import CTCLoss
from tests.helpers.backends import to_numpy
from tests.helpers.small import inputs
from tests.helpers.two_heads import build, register


@pytest.fixture(params=[False, True], ids=["one head", "two heads"])
def model(request, monkeypatch):
    register(monkeypatch)
    return build(early=request.param)


X = inputs([16, 12, 16, 9])
GLOSSES = np.array([[1, 2], [3, 0], [2, 1], [4, 0]], "int32")


def trained(model, **settings):
    """The losses of two epochs, compiled as `settings` say."""
    model.compile(keras.optimizers.SGD(1e-3), loss=CTCLoss(), **settings)
    history = model.fit(X, GLOSSES, batch_size=2, epochs=2, shuffle=False, verbose=0)
    return history.history["loss"]


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        rows = slice(2 * index, 2 * index + 2)
        return {name: x[rows] for name, x in X.items()}, GLOSSES[rows]


def test_a_loss_of_keras_by_its_name(model):
    model.compile("sgd", loss="ctc")
    before = model.evaluate(X, GLOSSES, verbose=0)
    assert np.isfinite(before)
    model.fit(X, GLOSSES, verbose=0)
    assert np.isfinite(model.evaluate(X, GLOSSES, verbose=0))


def test_eager_steps_and_several_steps_at_once_give_the_same(model):
    weights = model.get_weights()
    expected = trained(model)
    settings = [{"run_eagerly": True}]
    if keras.backend.backend() != "torch":  # where Keras knows one step at a time
        settings.append({"steps_per_execution": 2})
    for setting in settings:
        model.set_weights(weights)
        np.testing.assert_allclose(trained(model, **setting), expected, rtol=1e-3)


def test_sample_weights_weigh_the_clips_of_every_head(model):
    model.compile(keras.optimizers.SGD(0.0), loss=CTCLoss())
    weights = np.array([1.0, 0.0, 0.0, 0.0], "float32")
    weighed = model.train_on_batch(X, GLOSSES, weights, return_dict=True)
    other = np.where(weights[:, None] > 0, GLOSSES, 1)
    again = model.train_on_batch(X, other, weights, return_dict=True)
    plain = model.train_on_batch(X, GLOSSES, return_dict=True)
    for name in weighed.keys() - {"infeasible_clips"}:
        assert float(weighed[name]) == pytest.approx(float(again[name]), rel=1e-4)
        assert float(weighed[name]) != pytest.approx(float(plain[name]), rel=1e-2)


def test_a_share_of_the_clips_for_validation(model):
    model.compile("sgd")
    history = model.fit(X, GLOSSES, validation_split=0.5, batch_size=2, verbose=0)
    assert {"loss", "val_loss", "val_infeasible_clips"} <= set(history.history)


def test_a_dataset_of_keras(model):
    weights = model.get_weights()
    expected = trained(model)
    model.set_weights(weights)
    model.compile(keras.optimizers.SGD(1e-3), loss=CTCLoss())
    history = model.fit(Batches(), epochs=2, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-3)
    logits = model.predict(Batches(), verbose=0)
    np.testing.assert_allclose(logits, model.predict(X, verbose=0), atol=1e-4)
    assert np.isfinite(model.evaluate(Batches(), verbose=0)).all()


def test_checkpoints_of_keras(model, tmp_path):
    model.compile("sgd")
    keep = keras.callbacks.ModelCheckpoint(
        str(tmp_path / "best.keras"), monitor="val_loss", save_best_only=True
    )
    model.fit(X, GLOSSES, validation_data=(X, GLOSSES), callbacks=[keep], verbose=0)
    again = keras.saving.load_model(tmp_path / "best.keras")
    expected = model.predict_on_batch(X)
    np.testing.assert_allclose(again.predict_on_batch(X), expected, atol=1e-5)


def test_a_clone_has_the_layers_and_none_of_the_weights(model):
    clone = keras.models.clone_model(model)
    assert isinstance(clone, models.Recognizer)
    assert [layer.name for layer in clone.layers] == [la.name for la in model.layers]
    clone.set_weights(model.get_weights())
    expected = model.predict_on_batch(X)
    np.testing.assert_allclose(clone.predict_on_batch(X), expected, atol=1e-5)
    assert clone.weights[0] is not model.weights[0]


def test_gradients_reach_every_weight_that_is_trained(model):
    before = [to_numpy(weight) for weight in model.trainable_weights]
    trained(model)
    moved = [
        weight.path
        for weight, old in zip(model.trainable_weights, before, strict=True)
        if np.abs(to_numpy(weight) - old).max() > 0
    ]
    still = {weight.path for weight in model.trainable_weights} - set(moved)
    # A bias before a batch norm moves nothing.
    assert all(path.endswith("bias") for path in still)
