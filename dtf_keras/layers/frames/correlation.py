"""What a frame takes from the one before and the one after, place by place."""

import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.identification import Identification
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all
from dtf_keras.layers.time_geometry import geometry_of

MOST = 2**23
"""Similarities that are in memory at a time."""


@keras.saving.register_keras_serializable(package="dtf_keras")
class Correlation(MaskAtRunTime, keras.layers.Layer):
    """CorrNet's correlation of each place of a frame with all of its two neighbours'.

    `v = W x`; from a neighbour a place p takes the sum over its places q of
    `v[q] * (sigmoid(x[p] . v[q]) - 1/2)`. What it takes from the frame after and from
    the one before is weighed, summed and multiplied by the `Identification` of x. The
    first and the last frame of a clip are their own neighbours. Similarities are
    float32.

    Where a frame has more places than features, its similarities are larger than
    itself: then they are made a few frames at a time, and again on the way back, so
    that those of few frames alone are in memory.

    References: Hu et al., CorrNet, CVPR 2023 (arXiv 2303.03202), as its code has it.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.identification = Identification(
            name="identification", dtype=self.dtype_policy
        )
        self.supports_masking = True

    def build(self, input_shape):
        self.project = FrameConv2D(
            input_shape[-1], 1, name="project", dtype=self.dtype_policy
        )
        self.project.build(input_shape)
        self.identification.build(input_shape)
        self.shares = self.add_weight(
            shape=(2,), initializer=keras.initializers.Constant(1 / 2), name="shares"
        )
        self.built = True

    def call(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        batch, length = ops.shape(inputs)[:2]
        _, _, height, width, features = inputs.shape
        rows = (batch, length, height * width, features)
        x = ops.reshape(inputs, rows)
        v = ops.reshape(self.project(inputs), rows)
        frames = (x, _frame_after(v, mask), _frame_before(v))
        large = height * width > features
        both = _in_groups(*frames) if large else _taken_from_both(*frames)
        taken = sum(self.shares[n] * one for n, one in enumerate(both))
        taken = ops.reshape(taken, (batch, length, height, width, features))
        return taken * self.identification(inputs, mask=mask)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        length, height, width, features = input_shape
        similarities = 2 * length * (height * width) ** 2
        total = 2 * similarities * features
        total += self.project.count_macs(input_shape)
        return total + self.identification.count_macs(input_shape)

    def time_geometry(self):
        return geometry_of(self.identification)


def _frame_after(v, mask):
    """The frame after each; after a clip's last one that frame itself."""
    after = ops.concatenate([v[:, 1:], v[:, -1:]], axis=1)
    has_one = ops.concatenate([mask[:, 1:], ops.zeros_like(mask[:, :1])], axis=1)
    return ops.where(has_one[..., None, None], after, v)


def _frame_before(v):
    return ops.concatenate([v[:, :1], v[:, :-1]], axis=1)


def _in_groups(*frames):
    """`_taken_from_both` of a few frames at a time: all are `[B, T, P, D]`.

    What it makes on the way is made anew on the way back.
    """
    batch, length, places, features = ops.shape(frames[0])
    count, most = batch * length, max(1, MOST // places**2)
    groups = (count + most - 1) // most
    size = (count + groups - 1) // groups  # so that little is added to the last one
    more = [[0, groups * size - count], [0, 0], [0, 0]]

    def grouped(x):
        x = ops.pad(ops.reshape(x, (-1, places, features)), more)
        return ops.reshape(x, (-1, size, places, features))

    def back(x):
        x = ops.reshape(x, (-1, places, features))[:count]
        return ops.reshape(x, (batch, length, places, features))

    def taken(group):
        return keras.remat(_taken_from_both)(*group)

    return [back(one) for one in ops.map(taken, [grouped(one) for one in frames])]


def _taken_from_both(x, after, before):
    """What each place takes from all places of either frame: all `[..., P, D]`."""
    return _taken(x, after), _taken(x, before)


def _taken(x, v):
    dtype = keras.backend.result_type(x.dtype, "float32")
    places = ops.swapaxes(ops.cast(v, dtype), -1, -2)
    similarities = ops.matmul(ops.cast(x, dtype), places)  # (..., P, P)
    # sigmoid(s) - 1/2 is tanh(s / 2) / 2.
    return ops.matmul(ops.cast(ops.tanh(similarities / 2), x.dtype), v) / 2
