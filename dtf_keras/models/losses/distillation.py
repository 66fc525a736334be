"""What one head learns from another, without labels."""

import keras
from keras import ops

from dtf_keras import replicas
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import STEP_BY_STEP
from dtf_keras.values import real_number


def distillation_loss(teacher, student, mask=None, temperature=8.0):
    """How far the student's glosses are from the teacher's: a mean over steps.

    `temperature^2 * KL(softmax(teacher / temperature) || softmax(student /
    temperature))` of each step, blank (class 0) left out of both. No gradient goes
    into the teacher.

    Args:
        teacher: logits `[B, T', V]`.
        student: logits `[B, T', V]`.
        mask: bool `[B, T']`, the steps that count; `None` counts all, padded ones too,
            as VAC does.
        temperature: above 0; the higher, the more unlikely glosses count.

    Returns:
        A scalar, float32 (or float64, if the logits are); 0 if no step counts.

    References: Min et al., Visual Alignment Constraint, ICCV 2021 (arXiv 2104.02330).
    """
    dtype = keras.backend.standardize_dtype(student.dtype)
    dtype = "float64" if dtype == "float64" else "float32"
    teacher = ops.stop_gradient(ops.cast(teacher, dtype))[..., 1:] / temperature
    student = ops.cast(student, dtype)[..., 1:] / temperature
    wanted = ops.log_softmax(teacher, axis=-1)
    gap = ops.exp(wanted) * (wanted - ops.log_softmax(student, axis=-1))
    steps = ops.sum(gap, axis=-1) * temperature**2  # (B, T')
    mask = mask_or_all(student, mask)
    # Padded steps of a model may hold anything, so they are not merely weighted.
    steps = ops.where(mask, steps, ops.zeros((), dtype=dtype))
    count = ops.maximum(replicas.total(ops.sum(ops.cast(mask, dtype))), 1)
    # Keras divides a loss by the number of replicas, this one as well.
    return ops.sum(steps) / count * replicas.count()


@keras.saving.register_keras_serializable(package="dtf_keras")
class Distillation(MaskAtRunTime, keras.layers.Layer):
    """Adds, while training, the loss of a head that is to be like another head.

    The loss is `weight * distillation_loss` over real steps. Always float32.

    Args:
        weight: factor on the loss, from 0; with 0 the layer does nothing.
        temperature: above 0.

    Call arguments:
        inputs: `(teacher, student)`: logits `[B, T', V]` of both heads.
        mask: pair of bool `[B, T']`, True = real step; the student's counts.

    Output: the student's logits as they are, with their mask.

    Raises:
        ValueError: if an option is out of its range.
    """

    def __init__(self, weight=25.0, temperature=8.0, dtype="float32", **kwargs):
        super().__init__(dtype=dtype, **kwargs)
        self.weight = real_number("weight", weight, at_least=0)
        self.temperature = real_number("temperature", temperature, above=0)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, training=None, mask=None):
        teacher, student = inputs
        if training and self.weight:
            real = mask_or_all(student, None if mask is None else mask[1])
            loss = distillation_loss(teacher, student, real, self.temperature)
            self.add_loss(self.weight * loss)
        return ops.copy(student)  # the mask of the input itself must stay

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs[1], None if mask is None else mask[1])

    def compute_output_shape(self, input_shape):
        return input_shape[1]

    def time_geometry(self):
        return STEP_BY_STEP

    def get_config(self):
        return {
            **super().get_config(),
            "weight": self.weight,
            "temperature": self.temperature,
        }
