import keras
from keras import ops

from dtf_keras.landmarks.points import FINGERS, NUM_POINTS, WRIST
from dtf_keras.layers.masked.batch_norm import MaskedBatchNormalization
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry

_PARENTS = [WRIST] * NUM_POINTS
for _finger in FINGERS:
    for _joint, _point in enumerate(_finger[1:]):
        _PARENTS[_point] = _finger[_joint]


@keras.saving.register_keras_serializable(package="dtf_keras")
class HandBackbone(MaskAtRunTime, keras.layers.Layer):
    """A small network on the points of a hand in each frame.

    It sees where the points are from the wrist, which way each bone points, how far
    each point went since the frame before, and which points were seen; where the hand
    is in the picture it does not see. Two dense layers follow, each with batch norm
    and ReLU, whose statistics are taken over real frames only.

    Args:
        units: output features, D.

    Call arguments:
        inputs: `[B, T, 21, 2]`, palm lengths; NaN where a point was not seen.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, with the same mask.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})
        self.units = int(units)
        self.supports_masking = True

    def build(self, input_shape):
        shape = (*input_shape[:2], 8 * input_shape[2])
        self.dense, self.norms = [], []
        for number in (1, 2):
            dense = keras.layers.Dense(
                self.units,
                use_bias=False,
                kernel_initializer="he_normal",
                dtype=self.dtype_policy,
                name=f"dense{number}",
            )
            norm = MaskedBatchNormalization(
                momentum=0.9, epsilon=1e-5, dtype=self.dtype_policy, name=f"bn{number}"
            )
            dense.build(shape)
            shape = (*shape[:2], self.units)
            norm.build(shape)
            self.dense.append(dense)
            self.norms.append(norm)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        mask = mask_or_all(inputs, mask)
        x = ops.cast(hand_features(ops.cast(inputs, "float32")), self.compute_dtype)
        for dense, norm in zip(self.dense, self.norms, strict=True):
            x = ops.relu(norm(dense(x), training=training, mask=mask))
        return x

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], self.units)

    def compute_output_spec(self, inputs, training=None, mask=None):
        shape = self.compute_output_shape(inputs.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def time_geometry(self):
        return TimeGeometry(before=1)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, 21, 2)`."""
        return input_shape[0] * self.units * (8 * input_shape[1] + self.units)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def hand_features(points):
    """What is seen of a hand: `[B, T, 21, 2]` with NaN to float32 `[B, T, 8 * 21]`.

    Of each point: from the wrist, the direction of its bone and how long that is, how
    far it went since the frame before, and whether it was seen.
    """
    unseen = ops.isnan(points)
    seen = ops.logical_not(ops.any(unseen, axis=-1, keepdims=True))
    # Numbers from here on: in ONNX a choice may be a product, and NaN times 0 is NaN.
    points = ops.where(unseen, ops.zeros((), dtype=points.dtype), points)
    there = ops.logical_and(seen, seen[:, :, WRIST : WRIST + 1])
    from_wrist = _where(there, points - points[:, :, WRIST : WRIST + 1])
    parents = ops.convert_to_tensor(_PARENTS, "int32")
    linked = ops.logical_and(seen, ops.take(seen, parents, axis=2))
    bone = _where(linked, points - ops.take(points, parents, axis=2))
    length = ops.sqrt(ops.sum(ops.square(bone), axis=-1, keepdims=True) + 1e-6)
    followed = ops.logical_and(seen, _frame_before(seen))
    moved = _where(followed, points - _frame_before(points))
    parts = [
        from_wrist,
        bone / length,
        length,
        moved,
        ops.cast(there, "float32"),
    ]
    x = ops.concatenate(parts, axis=-1)
    return ops.reshape(x, (*ops.shape(x)[:2], x.shape[2] * x.shape[3]))


def _frame_before(values):
    """`[B, T, ...]` a frame later; the first frame is its own."""
    return ops.concatenate([values[:, :1], values[:, :-1]], axis=1)


def _where(seen, values):
    return ops.where(seen, values, ops.zeros((), dtype=values.dtype))
