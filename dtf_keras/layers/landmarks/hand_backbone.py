import itertools

import keras
from keras import ops

from dtf_keras.landmarks.points import FINGERS, KNUCKLES, NUM_POINTS, WRIST
from dtf_keras.layers.masked.batch_norm import MaskedBatchNormalization
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import TimeGeometry

_ENDS = [finger[end] for finger in FINGERS for end in (0, -1)]
_PAIRS = list(itertools.combinations(_ENDS, 2))
_FIRST, _SECOND = (list(points) for points in zip(*_PAIRS, strict=True))
NUM_FEATURES = 12 * NUM_POINTS + len(_PAIRS)
_PARENTS = [WRIST] * NUM_POINTS
for _finger in FINGERS:
    for _joint, _point in enumerate(_finger[1:]):
        _PARENTS[_point] = _finger[_joint]


@keras.saving.register_keras_serializable(package="dtf_keras")
class HandBackbone(MaskAtRunTime, keras.layers.Layer):
    """A small network on the points of a hand in each frame.

    It sees where the points are from the wrist, which way each bone points and how
    fingers are bent, how far each point went since the frame before, and which points
    were seen; where the hand is in the picture it does not see. Two dense layers
    follow, each with batch norm and ReLU, whose statistics are taken over real frames
    only.

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
        shape = (*input_shape[:2], NUM_FEATURES)
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
                relu=True,
                momentum=0.9,
                epsilon=1e-5,
                dtype=self.dtype_policy,
                name=f"bn{number}",
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
            x = norm(dense(x), training=training, mask=mask)
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
        return input_shape[0] * self.units * (NUM_FEATURES + self.units)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def hand_features(points):
    """What is seen of a hand: `[B, T, 21, 2]` to float32 `[B, T, NUM_FEATURES]`.

    Of each point: from the wrist, as it is and with the palm turned upright; the
    direction of its bone, how long that is and how it is bent against the bone before;
    how far the point went since the frame before; whether it was seen. And how far tips
    and roots of the fingers are from each other.
    """
    unseen = ops.isnan(points)
    seen = ops.logical_not(ops.any(unseen, axis=-1, keepdims=True))
    # Numbers from here on: in ONNX a choice may be a product, and NaN times 0 is NaN.
    points = ops.where(unseen, ops.zeros((), dtype=points.dtype), points)
    there = ops.logical_and(seen, seen[:, :, WRIST : WRIST + 1])
    from_wrist = _where(there, points - points[:, :, WRIST : WRIST + 1])
    linked = ops.logical_and(seen, _take(seen, _PARENTS))
    bone, length = _direction(_where(linked, points - _take(points, _PARENTS)))
    palm, _ = _direction(
        ops.sum(_take(from_wrist, list(KNUCKLES)), axis=2, keepdims=True)
    )
    before = ops.concatenate([palm, _take(bone, _PARENTS)[:, :, 1:]], axis=2)
    followed = ops.logical_and(seen, _frame_before(seen))
    moved = _where(followed, points - _frame_before(points))
    of_points = [
        from_wrist,
        _turned(from_wrist, palm),
        bone,
        length,
        _turned(bone, before),
        moved,
        ops.cast(there, "float32"),
    ]
    x = ops.concatenate(of_points, axis=-1)
    x = ops.reshape(x, (*ops.shape(x)[:2], x.shape[2] * x.shape[3]))
    both = ops.logical_and(_take(there, _FIRST), _take(there, _SECOND))
    apart = _where(both, _take(from_wrist, _FIRST) - _take(from_wrist, _SECOND))
    return ops.concatenate([x, _direction(apart)[1][..., 0]], axis=-1)


def _direction(vectors):
    """`[..., 2]` to unit vectors, 0 of 0, and lengths `[..., 1]`."""
    length = ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + 1e-6)
    return vectors / length, length


def _turned(vectors, upright):
    """`[..., 2]` along unit vectors and across them."""
    x, y = vectors[..., :1], vectors[..., 1:]
    u, v = upright[..., :1], upright[..., 1:]
    return ops.concatenate([x * u + y * v, y * u - x * v], axis=-1)


def _take(values, points):
    return ops.take(values, ops.convert_to_tensor(points, "int32"), axis=2)


def _frame_before(values):
    """`[B, T, ...]` a frame later; the first frame is its own."""
    return ops.concatenate([values[:, :1], values[:, :-1]], axis=1)


def _where(seen, values):
    return ops.where(seen, values, ops.zeros((), dtype=values.dtype))
