import dataclasses
import json

import numpy as np
import pytest

from dtf_keras import models, zoo
from dtf_keras.models import registry
from dtf_keras.models.parts.convolutions import last_k3, two_k5
from dtf_keras.models.parts.plain import classify, features_of
from tests.helpers.small import SMALL, inputs


@pytest.fixture
def own_model(monkeypatch):
    """A model added in the way a user adds one."""
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))

    @dataclasses.dataclass(frozen=True)
    class Config(models.ModelConfig):
        """Options: whether the last block is left out."""

        short: bool = False

    @models.register(Config, "as full_conv")
    def own_model(inputs, config):
        x = two_k5(features_of(inputs, config), config)
        return classify(x if config.short else last_k3(x, config), config)

    return own_model


def test_a_registered_builder_is_a_model_of_the_zoo(own_model):
    assert "own_model" in zoo.list("own*")
    sizes = [
        zoo.get("own_model", weights=None, **SMALL, short=short).count_params()
        for short in (True, False)
    ]
    assert sizes[0] < sizes[1]
    model = zoo.get("own_model", weights=None, **SMALL)
    assert np.isfinite(model.predict_on_batch(inputs([12]))).all()


def test_a_name_is_registered_once(own_model):
    with pytest.raises(ValueError, match="'own_model' is registered already"):
        models.register(models.ModelConfig, "")(own_model)


def test_unknown_names_and_options_name_the_closest():
    with pytest.raises(ValueError, match="full_conv_v7"):
        models.entry("full_conv_7")
    with pytest.raises(ValueError, match=r"no option 'windows'.*mean window"):
        models.make_config("full_conv_v7", windows=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_classes": 1}, "num_classes"),
        ({"frame_size": 16}, "frame_size must be at least 32 pixels"),
        ({"frame_size": (64, 16)}, "frame_size must be at least 32 pixels"),
        (
            {"frame_size": (64, 64, 3)},
            r"frame_size must be .* a pair \(height, width\)",
        ),
        ({"width": 0}, "width"),
        ({"seed": 0.5}, "seed must be a whole number or null. Received: 0.5"),
        ({"window": 0}, "window must be at least 1. Received: 0"),
        ({"num_heads": 0}, "num_heads must be at least 1"),
        ({"num_heads": True}, "num_heads must be a whole number. Received: True"),
        ({"dropout": 1}, "dropout must be below 1. Received: 1"),
        ({"dropout": -0.1}, "dropout must be at least 0"),
        ({"unbiased_norm": "no"}, "unbiased_norm must be true or false"),
    ],
)
def test_impossible_values_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        models.make_config("full_conv_v3", **options)


def test_numbers_of_numpy_are_numbers():
    config = models.make_config("full_conv_v3", num_classes=np.int64(5), width=1)
    assert config.num_classes == 5


def test_numbers_of_numpy_are_options_that_can_be_written_down():
    config = models.make_config(
        "full_conv", num_classes=np.int64(27), width=np.float64(0.25)
    )
    assert json.loads(json.dumps(dataclasses.asdict(config))) == {
        "num_classes": 27,
        "frame_size": 112,
        "width": 0.25,
        "seed": None,
        "input": "video",
        "padded_lengths": False,
    }


def test_sizes_of_equal_sides_are_one_number():
    sizes = [112, [112, 112], (84, 126), [84, 126]]
    configs = [models.make_config("full_conv", frame_size=size) for size in sizes]
    assert [config.frame_size for config in configs] == [112, 112, (84, 126), (84, 126)]
    assert configs[2].size == (84, 126)
