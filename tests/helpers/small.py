"""Every model of the zoo in its smallest size, and clips for it."""

import functools

import keras
import numpy as np

from dtf_keras import models, zoo
from tests.helpers.backends import called

NUM_CLASSES = 6
SMALL = {"num_classes": NUM_CLASSES, "frame_size": 32, "width": 0.0625}
# Each GRU step of a neighbour and each block is compiled: few compile faster.
FEW = {
    "window": 4,
    "pooled_window": 2,
    "windows": (2, 4),
    "blocks": (1, 1),
    "correlated_stages": (1, 2),
    "neighbours": (1, 2),
}


def small_options(name):
    """Of `zoo.get`, for the smallest size of a model."""
    few = {key: n for key, n in FEW.items() if has_option(name, key)}
    return {**SMALL, **few}


def build(name, **options):
    """A fresh small model, its weights seeded."""
    keras.utils.set_random_seed(3)
    return zoo.get(name, weights=None, **{**small_options(name), **options})


@functools.cache
def with_every_layer():
    """Names of few models that have every kind of layer that any has.

    For what takes long: a model with a layer of its own is among them.
    """
    kinds = {name: _kinds_of_layers(name) for name in models.names()}
    left, found = set.union(*kinds.values()), []
    while left:
        found.append(max(kinds, key=lambda name: len(kinds[name] & left)))
        left -= kinds[found[-1]]
    return found


def _kinds_of_layers(name):
    config = models.make_config(name, **small_options(name))
    return {type(layer) for layer in models.outline(name, config)._flatten_layers()}


@functools.cache
def shared(name):
    """One small model for all tests that do not train it.

    Its batch norms have seen a batch, so that a padded frame (a bias, a shift) is not
    zero anywhere.
    """
    model = build(name)
    called(
        model,
        {"video": video([16, 16], 16), "num_frames": np.array([16, 16])},
        training=True,
    )
    return model


def louder(model, seed=0):
    """The model, its LSTMs with large weights: steps differ much, and so do logits."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.path.endswith("lstm_cell/kernel"):
            weight.assign(rng.normal(size=weight.shape))
    return model


def video(lengths, length, junk=0):
    """Clips of given lengths, uint8 `[B, length, 32, 32, 3]`; the padding is junk."""
    rng = np.random.default_rng(100 + junk)
    x = rng.integers(0, 256, (len(lengths), length, 32, 32, 3), dtype="uint8")
    for row, n in enumerate(lengths):
        # A few poses that come back, as in signing: some frames look alike.
        own = np.random.default_rng(row)
        poses = own.integers(0, 256, (5, 32, 32, 3))
        noise = own.integers(-9, 10, (n, 32, 32, 3))
        x[row, :n] = np.clip(poses[own.integers(0, 5, n)] + noise, 0, 255)
    return x


def inputs(lengths, length=None, junk=0):
    """What a model reads: clips of `lengths` frames, padded to `length`."""
    length = max(lengths) if length is None else length
    return {
        "video": video(lengths, length, junk),
        "num_frames": np.array(lengths, "int32"),
    }


def draws_nothing(name):
    """Options that switch a model's dropout off."""
    rates = ("dropout", "feature_dropout")
    return {rate: 0.0 for rate in rates if has_option(name, rate)}


def learns_at_once(name):
    """Options with which a few steps lower the loss: nothing is drawn or distilled.

    At a high rate what is distilled grows before it shrinks.
    """
    distilled = {"distillation": 0.0} if has_option(name, "distillation") else {}
    return {**draws_nothing(name), **distilled}


def has_option(name, option):
    return option in models.entry(name).config.__dataclass_fields__
