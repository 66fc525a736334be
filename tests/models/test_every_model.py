"""What every registered model must do."""

import math
import shutil

import keras
import numpy as np
import pytest

from dtf_keras import models
from dtf_keras.layers.fusion import temporal_attention
from dtf_keras.layers.fusion.anchors import spaced_anchors
from tests.helpers.backends import called, to_numpy
from tests.helpers.small import (
    NUM_CLASSES,
    build,
    draws_nothing,
    inputs,
    learns_at_once,
    shared,
    with_every_layer,
)

every_model = pytest.mark.parametrize("name", models.names())
# Tracing a training step takes longer than the step: where only its numbers matter,
# TensorFlow runs it eagerly. (JAX would compile each operation.)
EAGERLY = keras.backend.backend() == "tensorflow"
JAX = keras.backend.backend() == "jax"
GLOSSES = np.array([[1, 2, 2], [3, 0, 0], [4, 0, 0], [5, 1, 0]], "int32")


def own_logits(model, x, eagerly=EAGERLY):
    """The logits of each clip's real steps."""
    logits = called(model, x) if eagerly else model.predict_on_batch(x)
    steps = to_numpy(model.valid_steps(logits))
    return [row[:n] for row, n in zip(logits, steps, strict=True)]


@every_model
def test_has_the_parameters_of_its_source_row(name):
    for num_classes, reported in models.entry(name).parameters.items():
        config = models.make_config(name, num_classes=num_classes)
        model = models.outline(name, config)
        weights = model.trainable_weights
        # Torch gives an LSTM two biases and adds them; Keras gives it one.
        weights += [v for v in weights if v.path.endswith("lstm_cell/bias")]
        assert sum(math.prod(weight.shape) for weight in weights) == reported


@every_model
def test_a_clip_gives_the_same_alone_and_in_any_padded_batch(name):
    model = shared(name)
    lengths = [30, 21, 17]
    batch = own_logits(model, inputs(lengths, 40, junk=1))
    alone = {"video": inputs(lengths)["video"][2:, :17], "num_frames": np.array([17])}
    assert all(len(one) > 2 for one in batch)
    np.testing.assert_allclose(batch[2], own_logits(model, alone)[0], atol=1e-5)


@every_model
def test_batch_statistics_do_not_see_padding(name, monkeypatch):
    # The draw of the anchors depends on the padded length: take even ones.
    monkeypatch.setattr(
        temporal_attention,
        "random_anchors",
        lambda mask, seed, shared: spaced_anchors(mask),
    )
    model = build(name, **draws_nothing(name))
    before = [to_numpy(v) for v in model.non_trainable_variables]
    statistics = []
    for length, junk in ((24, 0), (36, 1)):
        for variable, value in zip(model.non_trainable_variables, before, strict=True):
            variable.assign(value)
        called(model, inputs([24, 15], length, junk), training=True)
        after = [to_numpy(v) for v in model.non_trainable_variables]
        statistics.append(after)
        moved = [np.abs(a - b).max() > 0 for a, b in zip(after, before, strict=True)]
        kept = [v for v in model.non_trainable_variables if "moving_" in v.path]
        assert sum(moved) == len(kept) > 6
    for short, long in zip(*statistics, strict=True):
        np.testing.assert_allclose(short, long, atol=1e-5)


@every_model
def test_fit_lowers_the_loss_beside_clips_of_one_frame_and_of_none(name):
    model = build(name, **learns_at_once(name))
    model.compile(
        keras.optimizers.Adam(1e-2),
        metrics=[models.InfeasibleClips()],
        run_eagerly=EAGERLY,
    )
    x, y = inputs([24, 20, 1, 0]), GLOSSES
    first = model.evaluate(x, y, verbose=0, return_dict=True)
    history = model.fit(x, y, epochs=3, verbose=0).history
    loss = history.get("logits_loss", history["loss"])  # of the head that answers
    assert loss[-1] < 0.95 * loss[0]
    assert set(first) == {"loss", "infeasible_clips"}
    assert all(np.isfinite(to_numpy(v)).all() for v in model.variables)
    logits = model.predict(x, verbose=0)
    assert logits.shape[0] == 4
    assert logits.shape[2] == NUM_CLASSES
    if JAX and name not in with_every_layer():
        return  # another length is compiled anew
    alone = {"video": x["video"][2:3, :1], "num_frames": np.array([1])}
    assert np.isfinite(called(model, alone)).all()


# JAX compiles each anew, and its halves differ in range alone.
POLICIES = ["mixed_float16"] + ["mixed_bfloat16"] * (not JAX)


@every_model
@pytest.mark.parametrize("policy", POLICIES)
def test_mixed_precision_gives_float32_logits_near_the_exact_ones(name, policy):
    exact = shared(name)
    keras.config.set_dtype_policy(policy)
    try:
        model = build(name)
    finally:
        keras.config.set_dtype_policy("float32")
    model.set_weights(exact.get_weights())
    x = inputs([20, 13])
    logits = called(model, x)
    assert logits.dtype == np.float32
    assert model.get_layer("backbone").compute_dtype == policy[len("mixed_") :]
    steps = to_numpy(model.valid_steps(logits))
    # Features rounded to half may choose or merge other frames: most logits stay.
    expected = own_logits(exact, x)
    for row, (n, one) in enumerate(zip(steps, expected, strict=True)):
        shortest = min(n, len(one))
        assert shortest > 0.7 * len(one)
        difference = np.abs(logits[row, :shortest] - one[:shortest])
        assert np.median(difference) < 0.02
    if policy == "mixed_bfloat16":
        return  # halves of the shorter range have trained
    if JAX and name not in with_every_layer():
        return  # to compile a step takes longer than all else here
    model.compile("sgd", run_eagerly=EAGERLY)
    assert np.isfinite(model.train_on_batch(x, GLOSSES[:2])).all()


@every_model
def test_is_a_functional_model_with_a_summary(name):
    lines = []
    model = shared(name)
    model.summary(print_fn=lambda line, line_break=False: lines.append(line))
    assert f'"{name}"' in "\n".join(lines)
    assert {tensor.name for tensor in model.inputs} == {"video", "num_frames"}
    assert model.heads["logits"].shape == (None, None, NUM_CLASSES)


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
@every_model
def test_is_drawn_by_keras(name, tmp_path):
    pytest.importorskip("pydot")
    path = tmp_path / "model.png"
    keras.utils.plot_model(shared(name), to_file=str(path), show_shapes=True)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="JAX always compiles; torch.compile takes minutes a model on a CPU",
)
@pytest.mark.parametrize("name", ["full_conv_v10"])
def test_trains_under_xla_as_eagerly(name):
    x = inputs([16, 9])
    losses = []
    for settings in ({"run_eagerly": True}, {"jit_compile": True}):
        model = build(name, **draws_nothing(name))
        model.compile("sgd", **settings)
        losses.append(model.train_on_batch(x, GLOSSES[:2]))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
    assert all(np.isfinite(to_numpy(v)).all() for v in model.variables)
