import dataclasses

import keras
import numpy as np
import pytest

from dtf_keras.training import RunConfig, SettingError
from dtf_keras.training.run.optimisation import (
    ByUpdate,
    L2Adam,
    LayerRateAdam,
    RunAdam,
    StepDecay,
    build_optimizer,
    build_schedule,
    factors_by_variable,
    total_updates,
)
from tests.helpers.backends import to_numpy


def rates(config, steps_per_epoch):
    schedule = build_schedule(config, steps_per_epoch)
    steps = range(config.epochs * steps_per_epoch)
    return [float(schedule(step)) for step in steps]


def test_the_learning_rate_halves_after_the_epochs_of_the_milestones():
    config = RunConfig(
        schedule="step", milestones=(2, 3), warmup_steps=0, epochs=4, learning_rate=1.0
    )
    assert rates(config, 3) == [1.0] * 6 + [0.5] * 3 + [0.25] * 3


def test_the_warm_up_comes_before_either_schedule():
    step = RunConfig(
        schedule="step",
        milestones=(1,),
        milestone_factor=0.1,
        warmup_steps=4,
        epochs=2,
        learning_rate=1.0,
    )
    expected = [0, 0.25, 0.5, 0.75, 1, 1, *[0.1] * 6]
    np.testing.assert_allclose(rates(step, 6), expected, rtol=1e-6)
    cosine = RunConfig(warmup_steps=4, epochs=2, learning_rate=1.0)
    np.testing.assert_allclose(rates(cosine, 6)[:5], expected[:5], atol=1e-6)


@pytest.mark.parametrize("schedule", ["cosine", "step"])
@pytest.mark.parametrize(("total", "warmup"), [(1, 0), (10, 1), (50, 5), (51, 50)])
def test_the_warm_up_of_a_short_run_is_a_tenth_of_it(schedule, total, warmup):
    config = RunConfig(schedule=schedule, warmup_steps=50, epochs=1, learning_rate=1.0)
    found = rates(config, total)
    assert max(found) == found[warmup] == pytest.approx(1.0)
    assert found[: warmup + 1] == sorted(found[: warmup + 1])


def model():
    keras.utils.set_random_seed(5)
    x = inputs = keras.Input((3,))
    x = keras.layers.Dense(4, use_bias=False, name="body")(x)
    x = keras.layers.BatchNormalization(name="norm")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(x))


class FakeModel:
    """Of it nothing is asked without layer rates."""


TORCH = {  # a constant learning rate
    "learning_rate": 0.1,
    "schedule": "step",
    "warmup_steps": 0,
    "epochs": 9,
    "clip_norm": 0,
}
X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(8, 2)).astype("float32")


def trained(optimizer, steps=1, jit_compile=False):
    it = model()
    it.compile(optimizer=optimizer, loss="mse", jit_compile=jit_compile)
    before = it.get_weights()
    for _ in range(steps):
        it.train_on_batch(X, Y)
    after = it.get_weights()
    return [new - old for new, old in zip(after, before, strict=True)]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_layer_with_a_factor_moves_by_that_much_less(jit_compile):
    if jit_compile and keras.backend.backend() == "torch":
        pytest.skip("torch compiles nothing here")
    factors = {"body/kernel": 0.1}
    settings = {"learning_rate": 0.01, "global_clipnorm": 0.5}
    plain = trained(keras.optimizers.Adam(**settings))
    scaled = trained(LayerRateAdam(factors, **settings), 1, jit_compile)
    np.testing.assert_allclose(scaled[0], 0.1 * plain[0], rtol=2e-3)
    np.testing.assert_allclose(scaled[-2], plain[-2], rtol=2e-3)
    assert np.abs(plain[0]).min() > 0.005


def test_without_factors_it_is_adam_with_weight_decay():
    settings = {"learning_rate": 0.01, "weight_decay": 0.5, "global_clipnorm": 0.5}
    plain = trained(keras.optimizers.Adam(**settings), steps=3)
    ours = trained(LayerRateAdam({}, **settings), steps=3)
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_weight_decay_has_the_factor_too():
    it = model()
    it.compile(
        optimizer=LayerRateAdam({"body/kernel": 0.1}, 0.01, weight_decay=0.5),
        loss=lambda y, x: 0.0 * keras.ops.sum(x, axis=-1),
    )
    before = it.get_weights()
    it.train_on_batch(X, Y)
    after = it.get_weights()
    np.testing.assert_allclose(after[0], before[0] * (1 - 0.0005), rtol=1e-6)
    np.testing.assert_allclose(after[-2], before[-2] * (1 - 0.005), rtol=1e-6)


def test_weight_decay_in_the_gradient_is_that_of_torch():
    torch = pytest.importorskip("torch")
    values = np.array([3.0, -2.0, 0.5], "float32")
    gradient = np.array([0.1, -0.2, 0.3], "float32")
    theirs = torch.nn.Parameter(torch.tensor(values))
    optimizer = torch.optim.Adam([theirs], lr=0.1, weight_decay=0.05)
    weight = keras.Variable(values, name="weight")
    ours = build_optimizer(RunConfig(**TORCH, l2=0.05), FakeModel, 1)
    assert isinstance(ours, L2Adam)
    ours.build([weight])
    for _ in range(3):
        theirs.grad = torch.tensor(gradient)
        optimizer.step()
        ours.apply([keras.ops.convert_to_tensor(gradient)], [weight])
        expected = theirs.detach().numpy()
        np.testing.assert_allclose(to_numpy(weight.value), expected, rtol=1e-4)


def test_it_goes_with_factors_on_the_learning_rate():
    settings = {"learning_rate": 0.01, "global_clipnorm": 0.5}
    plain = trained(L2Adam(0.5, **settings), steps=3)
    ours = trained(LayerRateAdam({}, l2=0.5, **settings), steps=3)
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    config = RunConfig(layer_rates={"body": 0.1}, l2=0.5, warmup_steps=0)
    assert build_optimizer(config, model(), 3).l2 == 0.5


@pytest.mark.parametrize(
    "thing",
    [
        L2Adam(0.1, StepDecay(0.1, [5]), global_clipnorm=1.0),
        StepDecay(0.1, [5, 9], 0.5, 2),
        ByUpdate(StepDecay(0.1, [5]), 4),
        RunAdam(0.1, use_ema=True, gradient_accumulation_steps=2),
        LayerRateAdam({"a/kernel": 0.5}, StepDecay(0.1, [5]), weight_decay=0.1),
    ],
)
def test_they_are_written_with_all_their_settings(thing):
    config = keras.saving.serialize_keras_object(thing)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == thing.get_config()


def test_factors_go_by_layer_name():
    config = RunConfig(layer_rates={"body": 0.1, "nor*": 0.2}, warmup_steps=0)
    assert factors_by_variable(config, model()) == {
        "body/kernel": 0.1,
        "norm/gamma": 0.2,
        "norm/beta": 0.2,
    }
    optimizer = build_optimizer(config, model(), 3)
    assert isinstance(optimizer, LayerRateAdam)
    plain = build_optimizer(RunConfig(warmup_steps=0, ema=0.9), model(), 3)
    assert (plain.use_ema, plain.ema_momentum) == (True, 0.9)


@pytest.mark.parametrize(
    ("layer_rates", "message"),
    [
        ({"bodi": 0.1}, "no layer 'bodi' of .* Did you mean body"),
        ({"body": 0.1, "b*": 0.2}, "'body' and 'b\\*' both name body"),
    ],
)
def test_a_name_that_is_not_there_or_twice_is_an_error(layer_rates, message):
    with pytest.raises(SettingError, match=message):
        factors_by_variable(RunConfig(layer_rates=layer_rates), model())


def test_the_learning_rate_goes_by_updates():
    step = RunConfig(
        schedule="step", milestones=(1, 2), warmup_steps=2, epochs=3, learning_rate=1.0
    )
    by_two = dataclasses.replace(step, accumulate=2)
    assert rates(by_two, 6) == [rate for rate in rates(step, 3) for _ in range(2)]
    cosine = RunConfig(warmup_steps=2, epochs=3, learning_rate=1.0)
    by_two = dataclasses.replace(cosine, accumulate=2)
    assert rates(by_two, 6) == [rate for rate in rates(cosine, 3) for _ in range(2)]


def test_a_milestone_is_the_update_that_has_the_first_step_of_its_epoch():
    config = RunConfig(
        schedule="step",
        milestones=(1,),
        warmup_steps=0,
        epochs=2,
        accumulate=2,
        learning_rate=1.0,
    )
    assert rates(config, 3) == [1.0, 1.0, 0.5, 0.5, 0.5, 0.5]


def test_steps_too_few_for_one_update_are_an_error():
    config = RunConfig(epochs=2, accumulate=8)
    with pytest.raises(SettingError, match="accumulate is 8: the run has 6 steps"):
        total_updates(config, 3)
    assert total_updates(config, 5) == 1
