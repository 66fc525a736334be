"""What a frame takes from several before and after it, by one query of its own."""

import keras
from keras import ops

from dtf_keras.layers.frames.attention_pool import AttentionPool
from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.identification import Identification
from dtf_keras.layers.frames.pictures import max_pool
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.time_geometry import TimeGeometry, geometry_of
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class NeighbourCorrelation(MaskAtRunTime, keras.layers.Layer):
    """CorrNet+'s correlation of each frame with the places of several around it.

    A frame's query q is the weighted sum of the mean, the maximum and the
    `AttentionPool` of its places. With `v = W x`, it takes from every place p of a
    neighbour `k * (sigmoid(q . k) - 1/2)` of `k = share * v[p]`, where each distance
    has a share of its own. The sum, the same at all places of the frame, is multiplied
    by the `Identification` of x. There is nothing to take before and after a clip.
    Similarities are float32.

    References: Hu et al., CorrNet+, 2024 (arXiv 2404.11111), as its code has it.

    Args:
        neighbours: N, frames on either side.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, H, W, D]`, with the same mask.

    Raises:
        ValueError: if `neighbours` is no whole number from 1.
    """

    def __init__(self, neighbours=1, **kwargs):
        super().__init__(**kwargs)
        self.neighbours = whole_number("neighbours", neighbours)
        policy = {"dtype": self.dtype_policy}
        self.attention = AttentionPool(name="attention", **policy)
        self.identification = Identification(name="identification", **policy)
        self.supports_masking = True

    @property
    def offsets(self):
        """Where the neighbours lie, in frames: -N .. -1, 1 .. N."""
        n = self.neighbours
        return [*range(-n, 0), *range(1, n + 1)]

    def build(self, input_shape):
        self.project = FrameConv2D(
            input_shape[-1], 1, name="project", dtype=self.dtype_policy
        )
        for layer in (self.project, self.attention, self.identification):
            layer.build(input_shape)
        self.query_shares = self._add_shares(3, "query_shares")
        self.shares = self._add_shares(2 * self.neighbours, "shares")
        self.built = True

    def _add_shares(self, count, name):
        even = keras.initializers.Constant(1 / count)
        return self.add_weight(shape=(count,), initializer=even, name=name)

    def call(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        batch, length = ops.shape(inputs)[:2]
        _, _, height, width, features = inputs.shape
        v = zero_padding(self.project(inputs), mask)
        v = ops.reshape(v, (batch, length, height * width, features))
        taken = self._taken(self._queries(inputs), v)
        return taken[:, :, None, None] * self.identification(inputs, mask=mask)

    def _queries(self, x):
        """One query a frame: `[B, T, D]`."""
        pooled = (ops.mean(x, axis=(2, 3)), _maximum(x), self.attention(x))
        return sum(self.query_shares[n] * one for n, one in enumerate(pooled))

    def _taken(self, queries, v):
        """What each frame takes from the places `v` of those around: `[B, T, D]`.

        The queries go to the frames that they are put to, what is taken comes back: so
        no frame is copied.
        """
        dtype = keras.backend.result_type(v.dtype, "float32")
        offsets = self.offsets
        put = ops.stack([_moved(queries, offset) for offset in offsets], axis=2)
        put = ops.cast(self.shares[:, None] * put, dtype)  # (B, T, 2N, D)
        places = ops.swapaxes(ops.cast(v, dtype), -1, -2)
        similarities = ops.matmul(put, places)  # (B, T, 2N, P)
        # sigmoid(s) - 1/2 is tanh(s / 2) / 2.
        taken = ops.matmul(ops.cast(ops.tanh(similarities / 2), v.dtype), v)
        taken = self.shares[:, None] * taken / 2
        back = (_moved(taken[:, :, n], -offset) for n, offset in enumerate(offsets))
        return sum(back)

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return input_shape

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        length, height, width, features = input_shape
        total = 4 * self.neighbours * length * height * width * features
        for layer in (self.project, self.attention, self.identification):
            total += layer.count_macs(input_shape)
        return total

    def time_geometry(self):
        reach = geometry_of(self.identification)
        return TimeGeometry(
            before=max(reach.before, self.neighbours),
            after=max(reach.after, self.neighbours),
        )

    def get_config(self):
        return {**super().get_config(), "neighbours": self.neighbours}


def _moved(x, frames):
    """`[B, T, D]`, each frame moved that much later, zeros where none came from."""
    length = ops.shape(x)[1]
    margin = [max(frames, 0), max(-frames, 0)]
    x = ops.pad(x, [[0, 0], margin, [0, 0]])
    return x[:, margin[1] : margin[1] + length]


def _maximum(x):
    """The maximum over the picture: `[B, T, H, W, D]` -> `[B, T, D]`.

    Not `ops.max`: its gradient looks for the values equal to the maximum, and XLA may
    compute those twice with different rounding and find none.
    """
    batch, length = ops.shape(x)[:2]
    height, width, features = x.shape[2:]
    pictures = ops.reshape(x, (-1, height, width, features))
    size = (height, width)
    pooled = max_pool(pictures, size, size)
    return ops.reshape(pooled, (batch, length, features))
