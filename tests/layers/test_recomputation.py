import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import CorrelatedStage, FrameBackbone, ResNet, SlowFast, recompute
from dtf_keras.layers.recomputation import recomputed
from tests.helpers.backends import gradients, to_numpy
from tests.helpers.small import build, draws_nothing, inputs

MASK = np.array([[True] * 5, [True] * 3 + [False] * 2])
BACKBONES = {
    "plain": lambda: FrameBackbone(0.0625),
    "resnet": lambda: ResNet((1, 1), 0.0625, after_stages=[None, CorrelatedStage()]),
    "slowfast": lambda: SlowFast((1, 1), 0.0625),
}


def gradients_of(kind, again):
    """Gradients of a backbone's weights by two clips."""
    keras.utils.set_random_seed(2)
    backbone = BACKBONES[kind]()
    backbone.recomputes = again
    x = np.random.default_rng(0).uniform(size=(2, 5, 32, 32, 3)).astype("float32")
    backbone.build(x.shape)

    def loss():
        features = backbone(ops.convert_to_tensor(x), training=True, mask=MASK)
        return ops.mean(ops.square(features - 0.3))

    return gradients(loss, backbone.trainable_variables)


@pytest.mark.parametrize("kind", BACKBONES)
def test_gradients_are_those_of_kept_activations(kind):
    expected = gradients_of(kind, again=False)
    for ours, theirs in zip(gradients_of(kind, again=True), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6, rtol=1e-5)
    assert max(np.abs(one).max() for one in expected) > 1e-4


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_training_step_moves_weights_and_statistics_once(precision):
    def stepped(again):
        keras.config.set_dtype_policy(precision)
        try:
            model = build("full_conv", **draws_nothing("full_conv"))
        finally:
            keras.config.set_dtype_policy("float32")
        assert not again or recompute(model) == 1
        model.compile(keras.optimizers.SGD(0.1, global_clipnorm=1.0))
        glosses = np.array([[1, 2], [3, 0]], "int32")
        model.train_on_batch(inputs([12, 9], 12), glosses)
        return model

    fresh = build("full_conv", **draws_nothing("full_conv"))
    plain, again = stepped(again=False), stepped(again=True)
    atol = 1e-6 if precision == "float32" else 5e-3
    for ours, theirs, before in zip(
        again.weights, plain.weights, fresh.weights, strict=True
    ):
        value = to_numpy(theirs.value)
        np.testing.assert_allclose(to_numpy(ours.value), value, atol=atol, rtol=1e-5)
        assert "moving" not in ours.path or (value != to_numpy(before.value)).any()


def test_parts_run_again_for_the_gradient_alone():
    dense = keras.layers.Dense(2)
    x = ops.ones((1, 3))
    dense.build((1, 3))
    ran = []

    def function(x):
        ran.append(1)
        return dense(x)

    recomputed(function, [dense], [x])
    assert len(ran) == 1
    found = gradients(
        lambda: ops.sum(recomputed(function, [dense], [x])), dense.trainable_variables
    )
    np.testing.assert_allclose(found[0], np.ones((3, 2)))
    assert len(ran) == (2 if keras.backend.backend() == "jax" else 3)


def test_a_model_without_such_layers_says_so():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    assert recompute(model) == 0
