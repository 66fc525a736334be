"""What every registered model must do with the points of a hand in place of video."""

import keras
import numpy as np
import pytest

from dtf_keras import models, zoo
from tests.helpers.backends import called, to_numpy
from tests.helpers.small import draws_nothing, small_options

GLOSSES = np.array([[1, 2], [3, 0]], "int32")
EAGERLY = keras.backend.backend() == "tensorflow"
every_model = pytest.mark.parametrize("name", models.names())


def build(name, **options):
    keras.utils.set_random_seed(3)
    options = {**small_options(name), "input": "landmarks", **options}
    return zoo.get(name, weights=None, **options)


def hands(lengths, length, junk=0):
    """Hands that move, `[B, length, 21, 2]`; some points are lost, padding is junk."""
    rng = np.random.default_rng(100 + junk)
    x = np.full((len(lengths), length, 21, 2), np.nan, "float32")
    x[:, :, ::2] = 50 * junk * rng.standard_normal((len(lengths), length, 11, 2))
    for row, n in enumerate(lengths):
        own = np.random.default_rng(row)
        poses = own.standard_normal((5, 21, 2))
        x[row, :n] = poses[own.integers(0, 5, n)] + 0.1 * own.standard_normal(
            (n, 21, 2)
        )
        x[row, n // 2] = np.nan
        x[row, :3, 7] = np.nan
    return {"landmarks": x, "num_frames": np.array(lengths, "int32")}


def own_logits(model, x):
    logits = called(model, x)
    steps = to_numpy(model.valid_steps(logits))
    return [row[:n] for row, n in zip(logits, steps, strict=True)]


@every_model
def test_a_clip_gives_the_same_alone_in_any_padded_batch_and_wherever_it_is(name):
    model = build(name)
    called(model, hands([16, 16], 16), training=True)  # moves the statistics
    lengths = [30, 21, 17]
    batch = own_logits(model, hands(lengths, 30))
    far = hands(lengths, 40, junk=1)
    far["landmarks"] += 25.0
    away = own_logits(model, far)
    x = hands(lengths, 30)
    alone = {"landmarks": x["landmarks"][1:2, :21], "num_frames": np.array([21])}
    assert model.clips_name == "landmarks"
    assert model.input_format.frame_shape == (21, 2)
    assert all(np.isfinite(one).all() and len(one) > 2 for one in batch)
    np.testing.assert_allclose(own_logits(model, alone)[0], batch[1], atol=1e-5)
    for one, other in zip(batch, away, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-3)


@every_model
def test_lost_points_train_without_nan(name):
    model = build(name, **draws_nothing(name))
    model.compile("sgd", run_eagerly=EAGERLY)
    x = hands([12, 3], 12)
    assert np.isfinite(model.train_on_batch(x, GLOSSES)).all()
    assert all(np.isfinite(to_numpy(v)).all() for v in model.variables)


def test_halves_do_not_shorten_the_steps_of_a_hand_that_goes_far():
    exact = build("full_conv")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        half = build("full_conv")
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(exact.get_weights())
    x = hands([24], 24)
    x["landmarks"] += np.float32(300.0)
    difference = np.abs(own_logits(half, x)[0] - own_logits(exact, x)[0])
    assert difference.max() < 0.02


def test_video_is_refused_by_the_name_of_its_input():
    with pytest.raises(ValueError, match="reads the keys 'landmarks' and 'num_frames'"):
        build("full_conv")({"video": np.zeros((1, 8, 32, 32, 3), "float32")})
    with pytest.raises(ValueError, match=r"landmarks\[None\]"):
        build("full_conv")(np.zeros((8, 21, 2), "float32"))
