"""Batch normalisation: which frames its statistics see."""

import gc
import math
import weakref

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.layers import FrameMask
from tests.helpers.backends import gradient, to_numpy

TORCH = keras.backend.backend() == "torch"
LAYERS = {
    "MaskedBatchNormalization": (layers.MaskedBatchNormalization, {}, (6,)),
    "FrameBackbone": (layers.FrameBackbone, {"width": 0.0625}, (32, 32, 3)),
    "CausalTCNBlock": (layers.CausalTCNBlock, {"filters": 6, "dropout": 0.0}, (6,)),
}
every_layer = pytest.mark.parametrize(
    ("cls", "options", "frame"), LAYERS.values(), ids=LAYERS
)
every_norm = pytest.mark.parametrize(
    ("cls", "shape", "mask_axes"),
    [
        (layers.MaskedBatchNormalization, (5, 4, 3), 2),
        (layers.FrameBatchNormalization, (5, 4, 4, 3), 1),
    ],
    ids=["features", "images"],
)


def masked(x, lengths):
    return FrameMask()(
        [ops.convert_to_tensor(x), ops.convert_to_tensor(np.array(lengths, "int32"))]
    )


@every_norm
def test_it_is_keras_batch_norm_over_the_real_frames(cls, shape, mask_axes):
    rng = np.random.default_rng(0)
    x = rng.normal(2, 3, shape).astype("float32")
    mask = rng.random(shape[:mask_axes]) < 0.6
    ours = cls(momentum=0.9, epsilon=1e-5)
    theirs = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    real = to_numpy(ours(x, training=True, mask=ops.convert_to_tensor(mask)))[mask]
    expected = to_numpy(theirs(x[mask], training=True))
    np.testing.assert_allclose(real, expected, atol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    still, expected = to_numpy(ours(x))[mask], to_numpy(theirs(x[mask]))
    np.testing.assert_allclose(still, expected, atol=1e-5)  # inference


@every_norm
def test_its_gradient_is_that_of_keras_over_the_real_frames(cls, shape, mask_axes):
    rng = np.random.default_rng(2)
    x = rng.normal(2, 3, shape).astype("float32")
    mask = np.arange(math.prod(shape[:mask_axes])).reshape(shape[:mask_axes]) % 3 > 0
    weight = rng.normal(0, 1, shape).astype("float32")
    ours, theirs = cls(epsilon=1e-5), keras.layers.BatchNormalization(epsilon=1e-5)

    weight[~mask] = 0  # nothing is asked of padding

    def answer(x):
        y = ours(x, training=True, mask=ops.convert_to_tensor(mask))
        return ops.sum(ops.multiply(y, weight))

    def expected(x):
        return ops.sum(ops.multiply(theirs(x, training=True), weight[mask]))

    slope = gradient(answer, x)
    np.testing.assert_allclose(slope[mask], gradient(expected, x[mask]), atol=1e-5)
    np.testing.assert_array_equal(slope[~mask], 0)


@pytest.mark.parametrize("padded", [False, True])
def test_a_relu_that_follows_is_that_of_keras(padded):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 2, (5, 4, 4, 3)).astype("float32")
    mask = ops.convert_to_tensor(np.arange(5) < 4) if padded else None
    plain, with_relu = (
        layers.FrameBatchNormalization(),
        layers.FrameBatchNormalization(relu=True),
    )

    def slope(function):
        return to_numpy(gradient(lambda x: ops.sum(ops.square(function(x))), x))

    for training in (True, False):
        how = {"training": training, "mask": mask}
        expected = to_numpy(ops.relu(plain(x, **how)))
        np.testing.assert_array_equal(to_numpy(with_relu(x, **how)), expected)
        np.testing.assert_allclose(
            slope(lambda x, how=how: with_relu(x, **how)),
            slope(lambda x, how=how: ops.relu(plain(x, **how))),
            atol=1e-6,
        )


@every_norm
def test_without_a_mask_all_frames_are_real(cls, shape, mask_axes):
    x = np.random.default_rng(3).normal(2, 3, shape).astype("float32")
    ours, theirs = cls(), keras.layers.BatchNormalization()
    expected = to_numpy(theirs(x, training=True))
    np.testing.assert_allclose(to_numpy(ours(x, training=True)), expected, atol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("padded", [False, True])
def test_statistics_of_many_pixels_are_not_worn_by_rounding(padded):
    rng = np.random.default_rng(5)
    x = rng.normal(0.5, 1, (25, 64, 64, 4)).astype("float32")
    x[-1] = 0
    mask = ops.convert_to_tensor(np.arange(25) < 24) if padded else None
    norm = layers.FrameBatchNormalization(momentum=0.0)
    norm(x, training=True, mask=mask)
    pixels = (x[:24] if padded else x).reshape(-1, 4).astype("float64")
    moving = to_numpy(norm.moving_mean), to_numpy(norm.moving_variance)
    np.testing.assert_allclose(moving[0], pixels.mean(axis=0), rtol=3e-6)
    np.testing.assert_allclose(moving[1], pixels.var(axis=0), rtol=3e-6)


@pytest.mark.parametrize("training", [False, True])
def test_mixed_precision_normalises_in_float32(training):
    rng = np.random.default_rng(6)
    x = to_numpy(ops.cast(rng.normal(30, 1, (8, 16, 16, 3)), "bfloat16"))
    x = x.astype("float32")  # what bfloat16 can hold, of a deviation far below its mean
    norms = [
        layers.FrameBatchNormalization(dtype=dtype, momentum=0.5, relu=True)
        for dtype in ("float32", "mixed_bfloat16")
    ]
    for norm in norms:
        norm.build(x.shape)
        norm.set_weights(np.array([[1, 2, 3], [1, 0, -1], [30, 30, 29], [2, 1, 0.5]]))
    full, mixed = (
        ops.cast(norm(ops.cast(x, norm.compute_dtype), training=training), "float32")
        for norm in norms
    )
    np.testing.assert_allclose(to_numpy(mixed), to_numpy(full), rtol=5e-3, atol=1e-5)
    for a, b in zip(*(norm.get_weights() for norm in norms), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.skipif(not TORCH, reason="one kind of statistics elsewhere")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_statistics_of_the_kernel_and_ours_are_one(dtype):
    import torch

    from dtf_keras.layers.masked.batch_statistics import _by_torch

    torch.manual_seed(1)
    x = torch.randn(6, 8, 8, 3).add(2).to(getattr(torch, dtype))
    weight = torch.randn(x.shape)
    found = []
    for kernels_own in (False, True):
        inputs = [x.clone(), torch.tensor([1.0, 2, -1]), torch.tensor([0.5, 0, 1])]
        inputs = [one.requires_grad_() for one in inputs]
        outputs, *moments = _by_torch(*inputs, 1e-5, True, kernels_own=kernels_own)
        assert outputs.dtype == x.dtype
        (outputs.float() * weight).sum().backward()
        gradients = [one.grad.float() for one in inputs]
        found.append([outputs.detach().float(), *moments, *gradients])
    for ours, theirs in zip(*found, strict=True):
        tolerance = {"rtol": 1e-2, "atol": 2e-2} if dtype == "bfloat16" else {}
        torch.testing.assert_close(ours, theirs, **tolerance)


@pytest.mark.skipif(not TORCH, reason="no graph of Python's objects elsewhere")
@pytest.mark.parametrize("padded", [False, True])
def test_features_go_with_what_was_made_of_them(padded):
    """Kept until the garbage is collected, they fill a card long before it is."""
    from dtf_keras.layers.masked.batch_statistics import normalise_by_batch

    x = ops.ones((4, 8, 8, 3)).requires_grad_()
    mask = ops.convert_to_tensor([True, True, True, False]) if padded else None
    kept = weakref.ref(x)
    gc.disable()
    try:
        outputs = normalise_by_batch(x, mask, ops.ones(3), ops.zeros(3), 1e-5)
        outputs[0].sum().backward()
        del x, outputs
        assert kept() is None
    finally:
        gc.enable()


def test_frozen_batch_norm_moves_neither_statistics_nor_output():
    x = np.random.default_rng(1).normal(2, 3, (5, 4, 4, 3)).astype("float32")
    norm = layers.FrameBatchNormalization()
    still = to_numpy(norm(x))
    norm.trainable = False
    np.testing.assert_array_equal(to_numpy(norm(x, training=True)), still)


@every_layer
def test_batch_statistics_do_not_see_padding(cls, options, frame):
    x = np.random.default_rng(2).normal(size=(2, 6, *frame)).astype("float32")
    x[1, 4:] = 1e3
    layer = cls(**options)
    layer.build(x.shape)
    twin = cls(**options)
    twin.build(x.shape)
    twin.set_weights(layer.get_weights())
    layer(masked(x, [6, 4]), training=True)
    longer = np.concatenate([x, np.full_like(x, -1e3)], axis=1)
    twin(masked(longer, [6, 4]), training=True)
    for a, b in zip(layer.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@every_layer
def test_a_batch_without_a_real_frame_moves_no_statistics(cls, options, frame):
    layer = cls(**options)
    x = np.random.default_rng(4).normal(size=(2, 3, *frame)).astype("float32")
    layer(masked(x, [3, 2]), training=True)
    before = layer.get_weights()
    layer(masked(x, [0, 0]), training=True)
    for a, b in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_on_clips_too_short_for_a_step_moves_no_statistics():
    clip, count = keras.Input((None, 2)), keras.Input((), dtype="int32")
    norm = layers.MaskedBatchNormalization()
    x = layers.MaskedMaxPooling1D(4)(FrameMask()([clip, count]))
    model = keras.Model([clip, count], norm(x))
    model.compile("sgd", "mse")
    inputs = [np.ones((2, 3, 2), "float32"), np.array([3, 2], "int32")]
    model.train_on_batch(inputs, np.zeros((2, 1, 2), "float32"))
    np.testing.assert_array_equal(to_numpy(norm.moving_mean), [0, 0])
    np.testing.assert_array_equal(to_numpy(norm.moving_variance), [1, 1])


@pytest.mark.parametrize("option", [{"axis": 1}, {"renorm": True}])
def test_it_refuses_what_it_would_not_do(option):
    with pytest.raises(ValueError, match=f"leave {next(iter(option))} out"):
        layers.MaskedBatchNormalization(**option)
