"""Models with several heads: all of them in training, the logits otherwise."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import models
from dtf_keras.layers import MaskedConv1D
from dtf_keras.models import CTCLoss, registry
from dtf_keras.models.parts.convolutions import two_k5
from dtf_keras.models.parts.plain import PlainConfig, classify, features_of
from tests.helpers.backends import to_numpy
from tests.helpers.small import SMALL, inputs

GLOSSES = np.array([[1, 2], [3, 0]], "int32")


@keras.saving.register_keras_serializable(package="test")
class Pull(keras.layers.Layer):
    """Adds a loss of its own while training, and passes its input on."""

    supports_masking = True

    def call(self, x, training=None):
        if training:
            self.add_loss(0.5 * ops.mean(ops.square(x)))
        return x

    def time_geometry(self):
        from dtf_keras.layers import STEP_BY_STEP

        return STEP_BY_STEP


@pytest.fixture
def two_heads(monkeypatch):
    """Builds a model with a second head on its convolutions, registered for a test."""
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))

    @dataclasses.dataclass(frozen=True)
    class Config(PlainConfig):
        second: float = 0.3
        pull: bool = False

        @property
        def head_weights(self):
            return {"early": self.second}

    @models.register(Config, "two heads")
    def two_heads(inputs, config):
        x = two_k5(features_of(inputs, config), config)
        if config.pull:
            x = Pull(name="pull")(x)
        early = keras.layers.Dense(config.num_classes, dtype="float32", name="early_")
        late = MaskedConv1D(8, 3, name="late_conv")(x)
        return {"logits": classify(late, config), "early": early(x)}

    def build(**options):
        keras.utils.set_random_seed(3)
        config = models.make_config("two_heads", **{**SMALL, **options})
        return models.build("two_heads", config)

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
    model = two_heads(second=0.7)
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


def test_a_weight_of_no_head_is_refused(two_heads):
    with pytest.raises(ValueError, match=r"no head 'erly' .*Did you mean early"):
        two_heads().compile(head_weights={"erly": 1.0})
