"""How the frames of a neighbourhood become one feature."""

import math

import keras
from keras import ops

from dtf_keras.layers.masked.masking import gather_frames
from dtf_keras.values import whole_number


class NeighbourFusion(keras.layers.Layer):
    """Base of the layers that make one feature of the k neighbours of each anchor.

    Missing slots contribute nothing; an anchor without neighbours gives zeros.

    Args:
        window: k, frames in a neighbourhood.

    Call arguments:
        inputs: `[B, T, D]`.
        neighbourhood: the `Neighbourhood` of A anchors.
        anchors: int32 `[B, A]`; `None` means every frame (A = T).

    Output: `[B, A, D]`.
    """

    def __init__(self, window, **kwargs):
        super().__init__(**kwargs)
        self.window = whole_number("window", window)
        self.supports_masking = True

    def compute_mask(self, inputs, mask=None):
        return None  # the output is one feature an anchor: another axis

    def compute_output_shape(self, inputs_shape, neighbourhood_shape=None):
        return (*inputs_shape[:1], None, *inputs_shape[2:])

    def count_macs(self, num_frames, num_anchors, units):
        """Multiply-adds for a clip of `num_frames` features of `units` numbers."""
        raise NotImplementedError

    def get_config(self):
        return {**super().get_config(), "window": self.window}


@keras.saving.register_keras_serializable(package="dtf_keras")
class GRUFusion(NeighbourFusion):
    """A GRU run along the k neighbours of each anchor; its last state is the feature.

    The GRU is Keras' `GRU(reset_after=True)`, which is PyTorch's. Its input projection
    is computed once for each frame and then gathered, instead of once for each of the
    A*k gathered frames: the same function at a fraction of the work. Missing slots
    leave the state as it is.

    Args, call arguments, output: as `NeighbourFusion`.
    """

    def build(self, input_shape):
        self.cell = keras.layers.GRUCell(
            input_shape[-1], dtype=self.dtype_policy, name="gru"
        )
        self.cell.build((None, input_shape[-1]))
        self.built = True

    def call(self, inputs, neighbourhood, anchors=None, mask=None):
        input_bias, recurrent_bias = self.cell.bias[0], self.cell.bias[1]
        projected = ops.matmul(inputs, self.cell.kernel) + input_bias  # (B, T, 3D)
        state = None
        for slot in range(neighbourhood.frames.shape[-1]):
            x = gather_frames(projected, neighbourhood.frames[..., slot])  # (B, A, 3D)
            x_update, x_reset, x_candidate = ops.split(x, 3, axis=-1)
            if state is None:
                state = ops.zeros_like(x_update)
                h = ops.zeros_like(x) + recurrent_bias
            else:
                h = ops.matmul(state, self.cell.recurrent_kernel) + recurrent_bias
            h_update, h_reset, h_candidate = ops.split(h, 3, axis=-1)
            update = ops.sigmoid(x_update + h_update)
            reset = ops.sigmoid(x_reset + h_reset)
            candidate = ops.tanh(x_candidate + reset * h_candidate)
            new = update * state + (1 - update) * candidate
            state = ops.where(neighbourhood.slots[..., slot : slot + 1], new, state)
        return state

    def count_macs(self, num_frames, num_anchors, units):
        # One projection a frame, one step a slot.
        return 3 * units * units * (num_frames + num_anchors * (self.window - 1))


@keras.saving.register_keras_serializable(package="dtf_keras")
class SoftmaxFusion(NeighbourFusion):
    """The mean of the neighbours, weighted by the softmax of their similarity.

    Differentiable in the similarities too. Has no weights.

    Args, call arguments, output: as `NeighbourFusion`.
    """

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, neighbourhood, anchors=None, mask=None):
        own = inputs if anchors is None else gather_frames(inputs, anchors)
        own = ops.cast(own, "float32")[..., None, :]  # (B, A, 1, D)
        near = ops.cast(gather_frames(inputs, neighbourhood.frames), "float32")
        scores = ops.sum(own * near, axis=-1) / math.sqrt(inputs.shape[-1])
        scores = ops.where(neighbourhood.slots, scores, -1e9)
        weights = ops.softmax(scores, axis=-1)  # (B, A, k)
        weights = ops.where(neighbourhood.slots, weights, 0.0)
        fused = ops.sum(weights[..., None] * near, axis=-2)
        return ops.cast(fused, self.compute_dtype)

    def count_macs(self, num_frames, num_anchors, units):
        # A score and a sum for each slot.
        return 2 * units * num_anchors * self.window


@keras.saving.register_keras_serializable(package="dtf_keras")
class ConvFusion(NeighbourFusion):
    """A convolution along the neighbours that knows how far each is from its anchor.

    To each neighbour is added a learnt embedding of its distance to the anchor, from
    -(k-1) to k-1 frames; a convolution of kernel 3 runs along the neighbours in the
    order of time, missing ones zero, then ReLU and the mean over those that are there.

    The convolution is linear, so that frames and embeddings are projected once each and
    then gathered: the same function as of the A*k gathered frames.

    References: our reading of the position-aware convolution of arXiv 2107.12762, of
    which neither the kernel nor how position enters were at hand.

    Args, call arguments, output: as `NeighbourFusion`.
    """

    def build(self, input_shape):
        units = input_shape[-1]
        self.embedding = self.add_weight(
            shape=(2 * self.window - 1, units),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="embedding",
        )
        self.kernel = self.add_weight(shape=(3, units, units), name="kernel")
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias")
        self.built = True

    def call(self, inputs, neighbourhood, anchors=None, mask=None):
        frames, slots = neighbourhood
        if anchors is None:
            anchors = ops.arange(ops.shape(inputs)[1], dtype="int32")[None, :]
        places = ops.where(slots, frames - anchors[..., None] + self.window - 1, 0)
        projected, embedded = self._project(inputs), self._project(self.embedding)
        none = ops.zeros((), dtype=projected.dtype)

        def taps(slot):
            """What a slot gives to that after it, itself and that before it."""
            x = gather_frames(projected, frames[..., slot])  # (B, A, 3D)
            x = x + ops.take(embedded, places[..., slot], axis=0)
            return ops.split(ops.where(slots[..., slot, None], x, none), 3, axis=-1)

        total, before, own = none, None, taps(0)
        for slot in range(self.window):
            after = taps(slot + 1) if slot + 1 < self.window else None
            x = own[1] + ops.cast(self.bias, own[1].dtype)
            x = x if before is None else x + before[0]
            x = x if after is None else x + after[2]
            total = total + ops.where(slots[..., slot, None], ops.relu(x), none)
            before, own = own, after
        count = ops.sum(ops.cast(slots, total.dtype), axis=-1, keepdims=True)
        return total / ops.maximum(count, 1)

    def _project(self, x):
        """`[..., D]` times each of the kernel's three matrices: `[..., 3D]`."""
        units = self.kernel.shape[-1]
        kernel = ops.reshape(ops.transpose(self.kernel, (1, 0, 2)), (-1, 3 * units))
        return ops.matmul(ops.cast(x, self.compute_dtype), kernel)

    def count_macs(self, num_frames, num_anchors, units):
        # Three projections a frame and an embedding; the slots only add.
        return 3 * units * units * (num_frames + 2 * self.window - 1)


FUSIONS = {"gru": GRUFusion, "softmax": SoftmaxFusion, "conv": ConvFusion}
