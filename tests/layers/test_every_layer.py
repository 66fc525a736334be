"""What every layer must do, run over the table of layers."""

import keras
import numpy as np
import pytest
from keras import ops
from keras.src import backend, testing

from dtf_keras.layers import FrameMask
from tests.helpers.backends import called, gradient, jit, to_numpy
from tests.helpers.layer_cases import CASES

every_layer = pytest.mark.parametrize("case", CASES, ids=str)
EAGERLY = keras.backend.backend() != "jax"


def clips(case, lengths, length, junk=0):
    """Clips of given lengths; the padding is random junk, to show who looks at it."""
    shape = (len(lengths), length, *case.frame)
    x = np.random.default_rng(1000 + junk).normal(size=shape).astype("float32")
    for row, n in enumerate(lengths):
        x[row, :n] = np.random.default_rng(row).normal(size=(n, *case.frame))
    return x


def run(layer, x, lengths, eagerly=EAGERLY, **kwargs):
    """Outputs and their Keras mask, as numpy; the mask travels as Keras carries it.

    Eager, but on JAX, which would compile each operation on its own.
    """

    def outputs(x, lengths):
        y = layer(FrameMask()([x, lengths]), **kwargs)
        return y, backend.get_keras_mask(y)

    def stateless(x, lengths):
        with keras.StatelessScope():
            return outputs(x, lengths)

    if not layer.built:
        layer.build(x.shape)
    x, lengths = ops.convert_to_tensor(x), ops.convert_to_tensor(lengths, "int32")
    y, mask = (outputs if eagerly else jit(stateless))(x, lengths)
    return to_numpy(y), to_numpy(mask)


def real_steps(y, mask, row):
    """A clip's real outputs; the slots of a neighbourhood count as part of a step."""
    if mask.ndim > 2:
        mask = mask.any(axis=-1)
    return y[row][mask[row]]


@every_layer
def test_passes_the_layer_test_of_keras(case):
    length = 9
    testing.TestCase().run_layer_test(
        case.cls,
        init_kwargs=case.options,
        input_shape=(2, length, *case.frame),
        supports_masking=True,
        expected_mask_shape=_mask_shape(case, 2, length),
        run_mixed_precision_check=True,
    )


def _mask_shape(case, batch, length):
    if case.cls.__name__ == "DynamicFraming":
        return (batch, length, case.options["window"])
    return (batch, case.axis(length))


@every_layer
def test_mask_counts_the_real_steps(case):
    lengths = [13, 6, 1, 0]
    y, mask = run(case.make(), clips(case, lengths, 13), lengths)
    assert y.shape[1] == case.axis(13)
    counts = mask.any(axis=-1).sum(1) if mask.ndim > 2 else mask.sum(1)
    if case.steps is None:
        assert all(min(n, 1) <= c <= n for n, c in zip(lengths, counts, strict=True))
    else:
        assert counts.tolist() == [case.steps(n) for n in lengths]


@every_layer
def test_a_clip_gives_the_same_alone_and_in_any_padded_batch(case):
    layer = case.make()
    lengths = [12, 7, 4]
    batch, batch_mask = run(layer, clips(case, lengths, 12), lengths)
    longer, longer_mask = run(layer, clips(case, lengths, 21, junk=1), lengths)
    for row, n in enumerate(lengths):
        x = clips(case, lengths, 12)[row : row + 1, :n]
        alone, alone_mask = run(layer, x, [n])
        expected = real_steps(alone, alone_mask, 0)
        np.testing.assert_allclose(
            real_steps(batch, batch_mask, row), expected, atol=1e-5
        )
        np.testing.assert_allclose(
            real_steps(longer, longer_mask, row), expected, atol=1e-5
        )


@every_layer
def test_without_a_mask_all_frames_are_real(case):
    layer = case.make()
    x = clips(case, [9, 9], 9)
    masked, _ = run(layer, x, [9, 9])
    np.testing.assert_allclose(to_numpy(layer(x)), masked, atol=1e-6)


@every_layer
def test_features_are_last_whatever_the_image_format_of_keras(case):
    layer = case.make()
    x = clips(case, [9, 5], 9)
    expected, _ = run(layer, x, [9, 5])
    keras.config.set_image_data_format("channels_first")
    try:
        other = case.make()
        other.build(x.shape)
        other.set_weights(layer.get_weights())
        got, _ = run(other, x, [9, 5])
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_allclose(got, expected, atol=1e-6)


@every_layer
@pytest.mark.parametrize("length", [1, 5])
def test_short_and_fully_masked_clips_stay_finite(case, length):
    layer = case.make()
    lengths = [length, 1, 0]
    x = clips(case, lengths, length)
    for training in (False, True) if _has_training(layer) else (None,):
        kwargs = {} if training is None else {"training": training}
        y, _ = run(layer, x, lengths, **kwargs)
        assert np.isfinite(y).all()

        def loss(x, kwargs=kwargs):
            masked = FrameMask()([x, ops.convert_to_tensor(np.array(lengths, "int32"))])
            return ops.sum(ops.square(layer(masked, **kwargs)))

        assert np.isfinite(gradient(loss, x)).all()


def _has_training(layer):
    return "training" in layer.call.__func__.__code__.co_varnames


@every_layer
def test_jit_gives_what_eager_gives(case):
    layer = case.make()
    x, lengths = clips(case, [9, 5], 9), np.array([9, 5], "int32")
    eager, _ = run(layer, x, lengths, eagerly=True)
    compiled = jit(lambda x, n: layer(FrameMask()([x, n])))
    np.testing.assert_allclose(to_numpy(compiled(x, lengths)), eager, atol=1e-5)


@every_layer
def test_functional_model_takes_any_batch_and_length_and_keeps_masks(case):
    video = keras.Input((None, *case.frame))
    count = keras.Input((), dtype="int32")
    layer = case.make()
    outputs = layer(FrameMask()([video, count]))
    assert outputs.shape[0] is None
    assert outputs.shape[1] is None
    model = keras.Model([video, count], outputs)
    copy = keras.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    for lengths, length in (([9, 5], 9), ([4], 4)):
        x = clips(case, lengths, length)
        expected, _ = run(layer, x, lengths)
        x = [x, np.array(lengths, "int32")]
        # One as Keras compiles it for any length, the other for this one call.
        for got in (model.predict_on_batch(x), called(copy, x)):
            np.testing.assert_allclose(got, expected, atol=1e-5)


@every_layer
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_computes_in_half_and_stays_near_float32(case, policy):
    layer = case.make()
    x = clips(case, [9, 6], 9) * 0.5
    exact, _ = run(layer, x, [9, 6])
    half = case.make(dtype=policy)
    half.build(x.shape)
    half.set_weights(layer.get_weights())
    assert half(keras.KerasTensor(x.shape)).dtype == policy[len("mixed_") :]
    assert {v.dtype for v in half.trainable_variables} <= {"float32"}
    y, mask = run(half, x, [9, 6])
    # Half-rounded features may swap near-equal neighbours, so compare most values.
    close = np.isclose(y.astype("float32"), exact, atol=0.1)
    assert close[mask].mean() > 0.8
