"""How the frames of a neighbourhood become one feature: a GRU, or a weighted mean."""

import math

import keras
from keras import ops

from dtf_keras.layers.masked.masking import gather_frames


@keras.saving.register_keras_serializable(package="dtf_keras")
class GRUFusion(keras.layers.Layer):
    """A GRU run along the k neighbours of each anchor; its last state is the feature.

    The GRU is Keras' `GRU(reset_after=True)`, which is PyTorch's. Its input projection
    is computed once for each frame and then gathered, instead of once for each of the
    A*k gathered frames: the same function at a fraction of the work. Missing slots
    leave the state as it is; an anchor without neighbours gives zeros.

    Call arguments:
        inputs: `[B, T, D]`.
        neighbourhood: the `Neighbourhood` of A anchors.

    Output: `[B, A, D]`.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        self.cell = keras.layers.GRUCell(
            input_shape[-1], dtype=self.dtype_policy, name="gru"
        )
        self.cell.build((None, input_shape[-1]))
        self.built = True

    def call(self, inputs, neighbourhood, mask=None):
        units = inputs.shape[-1]
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
            h_update, h_reset, h_candidate = (
                h[..., :units],
                h[..., units : 2 * units],
                h[..., 2 * units :],
            )
            update = ops.sigmoid(x_update + h_update)
            reset = ops.sigmoid(x_reset + h_reset)
            candidate = ops.tanh(x_candidate + reset * h_candidate)
            new = update * state + (1 - update) * candidate
            state = ops.where(neighbourhood.slots[..., slot : slot + 1], new, state)
        return state

    def compute_mask(self, inputs, mask=None):
        return None  # the output is one feature an anchor: another axis

    def compute_output_shape(self, inputs_shape, neighbourhood_shape=None):
        return (*inputs_shape[:1], None, *inputs_shape[2:])

    def count_macs(self, num_frames, num_anchors, units, window):
        """Multiply-adds for a clip: one projection a frame, one step a slot."""
        return 3 * units * units * (num_frames + num_anchors * (window - 1))


@keras.saving.register_keras_serializable(package="dtf_keras")
class SoftmaxFusion(keras.layers.Layer):
    """The mean of the neighbours, weighted by the softmax of their similarity.

    Differentiable in the similarities too. Has no weights. An anchor without
    neighbours gives zeros.

    Call arguments:
        inputs: `[B, T, D]`.
        neighbourhood: the `Neighbourhood` of A anchors.
        anchors: int32 `[B, A]`; `None` means every frame (A = T).

    Output: `[B, A, D]`.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

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

    def compute_mask(self, inputs, mask=None):
        return None  # the output is one feature an anchor: another axis

    def compute_output_shape(self, inputs_shape, neighbourhood_shape=None):
        return (*inputs_shape[:1], None, *inputs_shape[2:])

    def count_macs(self, num_frames, num_anchors, units, window):
        """Multiply-adds for a clip: a score and a sum for each slot."""
        return 2 * units * num_anchors * window


FUSIONS = {"gru": GRUFusion, "softmax": SoftmaxFusion}
