"""A network with two heads that compiles in a second, for what any such one must do."""

import dataclasses

import keras
from keras import ops

from dtf_keras import models
from dtf_keras.layers import STEP_BY_STEP, MaskedMaxPooling1D
from dtf_keras.models import registry
from tests.helpers.small import SMALL


@keras.saving.register_keras_serializable(package="test")
class MeanColour(keras.layers.Layer):
    """The mean colour of each frame: `[B, T, H, W, 3]` -> `[B, T, 3]`."""

    supports_masking = True

    def call(self, video):
        return ops.mean(video, axis=(2, 3))

    def time_geometry(self):
        return STEP_BY_STEP


@keras.saving.register_keras_serializable(package="test")
class Pull(keras.layers.Layer):
    """Adds a loss of its own while training, and passes its input on."""

    supports_masking = True

    def call(self, x, training=None):
        if training:
            self.add_loss(0.5 * ops.mean(ops.square(x)))
        return x

    def time_geometry(self):
        return STEP_BY_STEP


@dataclasses.dataclass(frozen=True)
class Config(models.ModelConfig):
    """Options: the second head and its weight, a loss of a layer's own."""

    early: bool = True
    early_weight: float = 0.3
    pull: bool = False

    @property
    def head_weights(self):
        return {"early": self.early_weight} if self.early else {}


def _network(inputs, config):
    x = MeanColour(name="colour")(inputs["video"])
    x = keras.layers.Dense(16, activation="tanh", name="dense")(x)
    x = MaskedMaxPooling1D(4, name="pool")(x)
    if config.pull:
        x = Pull(name="pull")(x)
    early = keras.layers.Dense(config.num_classes, dtype="float32", name="early_head")
    late = keras.layers.Dense(config.num_classes, dtype="float32", name="late_head")
    if not config.early:
        return late(x)
    return {"logits": late(x), "early": early(x)}


def register(monkeypatch):
    """Registers the network for a test, under the name `two_heads`."""
    monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))
    _network.__name__ = "two_heads"
    models.register(Config, "mean colour; two heads")(_network)


def build(**options):
    """A fresh model of it, its weights seeded."""
    keras.utils.set_random_seed(3)
    config = models.make_config("two_heads", **{**SMALL, **options})
    return models.build("two_heads", config)
