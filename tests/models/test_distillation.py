"""One head learns from another."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras.layers import FrameMask
from dtf_keras.models.losses.distillation import Distillation, distillation_loss
from tests.helpers.backends import gradient, to_numpy

RNG = np.random.default_rng(0)
TEACHER, STUDENT = RNG.normal(size=(2, 2, 4, 6)).astype("float32") * 5
LENGTHS = np.array([4, 2], "int32")
REAL = np.arange(4) < LENGTHS[:, None]


def masked(x):
    return FrameMask()([ops.convert_to_tensor(x), ops.convert_to_tensor(LENGTHS)])


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def expected(rows):
    p, q = (softmax(x[rows][:, 1:] / 8) for x in (TEACHER, STUDENT))
    return 64 * (p * np.log(p / q)).sum(axis=-1).mean()


def test_the_loss_is_a_mean_over_the_steps_that_count():
    all_steps = to_numpy(distillation_loss(TEACHER, STUDENT))
    np.testing.assert_allclose(all_steps, expected(np.ones((2, 4), bool)), 1e-4)
    real = ops.convert_to_tensor(REAL)
    found = to_numpy(distillation_loss(TEACHER, STUDENT, real))
    np.testing.assert_allclose(found, expected(REAL), 1e-4)
    none = ops.zeros((2, 4), "bool")
    assert to_numpy(distillation_loss(TEACHER, STUDENT, none)) == 0


def test_blank_and_padding_do_not_matter():
    teacher, student = TEACHER.copy(), STUDENT.copy()
    teacher[..., 0] += 100
    student[..., 0] -= 100
    student[~REAL] = np.inf
    real = ops.convert_to_tensor(REAL)
    found = to_numpy(distillation_loss(teacher, student, real))
    np.testing.assert_allclose(found, expected(REAL), 1e-4)


def test_no_gradient_goes_into_the_teacher():
    by_teacher = gradient(lambda x: ops.sum(x) + distillation_loss(x, STUDENT), TEACHER)
    assert (by_teacher == 1).all()
    by_student = gradient(lambda x: distillation_loss(TEACHER, x), STUDENT)
    assert (by_student[..., 0] == 0).all()
    assert (np.abs(by_student[..., 1:]) > 0).all()


def test_the_layer_adds_its_loss_while_training_and_passes_the_student_on():
    layer = Distillation(weight=2.0)
    heads = [masked(TEACHER), masked(STUDENT)]
    y = layer(heads, training=True)
    np.testing.assert_array_equal(to_numpy(y), STUDENT)
    np.testing.assert_array_equal(to_numpy(keras.src.backend.get_keras_mask(y)), REAL)
    (loss,) = layer.losses
    np.testing.assert_allclose(to_numpy(loss), 2 * expected(REAL), 1e-4)
    layer(heads)
    assert layer.losses == []


def test_with_weight_0_it_does_nothing():
    layer = Distillation(weight=0)
    layer([masked(TEACHER), masked(STUDENT)], training=True)
    assert layer.losses == []


def test_it_is_saved_with_a_model(tmp_path):
    teacher, student = keras.Input((None, 6)), keras.Input((None, 6))
    layer = Distillation(weight=3.0, temperature=4.0, name="distillation")
    model = keras.Model([teacher, student], layer([teacher, student]))
    model.save(tmp_path / "model.keras")
    copy = keras.saving.load_model(tmp_path / "model.keras").get_layer("distillation")
    assert (copy.weight, copy.temperature, copy.dtype) == (3.0, 4.0, "float32")


@pytest.mark.parametrize(
    ("option", "value"), [("weight", -1), ("temperature", 0), ("weight", "25")]
)
def test_options_out_of_their_range_are_refused(option, value):
    with pytest.raises(ValueError, match=rf"^{option} must be"):
        Distillation(**{option: value})
