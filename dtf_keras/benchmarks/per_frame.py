"""The layers as plain loops over frames: what they are measured and tested against.

Every clip is as long as the batch, and at least k frames long.
"""

import numpy as np
from keras import ops

from dtf_keras.layers import GRUFusion
from dtf_keras.layers.masked.masking import gather_frames


def neighbourhoods(clip, window):
    """The k neighbours of each frame: `[T, D]` -> int `[T, k]`, by numpy."""
    found = []
    for frame in range(len(clip)):
        first = max(frame - window + 1, 0)
        near = clip[first : frame + window]
        order = np.argsort(-(near @ clip[frame]), kind="stable")
        found.append(np.sort(order[:window]) + first)
    return np.stack(found)


class PerFrame:
    """A layer's function, frame by frame.

    Args:
        layer: `DynamicFraming`, `TemporalAttention3`, `TemporalAttention4` or
            `HashMapMerge`, built; its weights are used.

    Call arguments:
        inputs: `[B, T, D]`.
        values: the same as a numpy array, for the choice of the neighbours.

    Output: as the layer's; merged clips end with zeros.
    """

    def __init__(self, layer):
        self.kind = type(layer).__name__
        self.window = layer.window
        self.residual = getattr(layer, "residual", False)
        self.cell = layer.fuse.cell if hasattr(layer, "fuse") else None

    def __call__(self, inputs, values):
        if self.cell is not None:
            bias = ops.convert_to_tensor(self.cell.bias)
            kernels = self.cell.kernel, self.cell.recurrent_kernel
            self.weights = (*map(ops.convert_to_tensor, kernels), bias[0], bias[1])
        near = [neighbourhoods(clip, self.window) for clip in values]
        anchors = [self._anchors(frames) for frames in near]
        outputs = []
        for step in range(max(map(len, anchors))):
            real = np.array([[step < len(own)] for own in anchors], "float32")
            frames = [own[step] if step < len(own) else 0 for own in anchors]
            chosen = np.stack([n[i] for n, i in zip(near, frames, strict=True)])
            outputs.append(self._fuse(inputs, chosen, np.array(frames), real))
        missing = values.shape[1] - len(outputs) if self.kind == "HashMapMerge" else 0
        outputs += [ops.zeros_like(outputs[0])] * missing
        return ops.stack(outputs, axis=1)

    def _anchors(self, near):
        if self.kind == "TemporalAttention4":
            return np.linspace(0, len(near) - 1, len(near) // 4).astype(int)
        if self.kind == "HashMapMerge":
            first = {}
            for frame, frames in enumerate(near):
                first.setdefault((frames.sum(), (frames**2).sum()), frame)
            return list(first.values())
        return range(len(near))

    def _fuse(self, inputs, chosen, own, real):
        gathered = ops.take_along_axis(inputs, chosen[..., None], axis=1)  # (B, k, D)
        if self.cell is None:
            return gathered
        state = self._run_gru(gathered)
        if self.residual:
            own = ops.take_along_axis(inputs, own[:, None, None], axis=1)
            state = state + own[:, 0]
        return state * ops.convert_to_tensor(real)

    def _run_gru(self, gathered):
        """The last state of the GRU: `[B, k, D]` -> `[B, D]`."""
        kernel, recurrent, input_bias, recurrent_bias = self.weights
        projected = ops.matmul(gathered, kernel) + input_bias
        state = ops.zeros_like(gathered[:, 0])
        for slot in range(self.window):
            x = ops.split(projected[:, slot], 3, axis=-1)
            h = ops.split(ops.matmul(state, recurrent) + recurrent_bias, 3, axis=-1)
            update, reset = ops.sigmoid(x[0] + h[0]), ops.sigmoid(x[1] + h[1])
            candidate = ops.tanh(x[2] + reset * h[2])
            state = update * state + (1 - update) * candidate
        return state


class ProjectGathered(GRUFusion):
    """`GRUFusion` in the usual order: gather first, then whole GRU steps.

    The cell projects each gathered frame, A*k of them, instead of each frame once.
    """

    def call(self, inputs, neighbourhood, anchors=None, mask=None):
        slots = ops.reshape(neighbourhood.slots, (-1, neighbourhood.slots.shape[-1]))
        state = None
        for slot in range(neighbourhood.frames.shape[-1]):
            x = gather_frames(inputs, neighbourhood.frames[..., slot])  # (B, A, D)
            flat = ops.reshape(x, (-1, x.shape[-1]))
            state = ops.zeros_like(flat) if state is None else state
            new, _ = self.cell(flat, [state])
            state = ops.where(slots[:, slot : slot + 1], new, state)
        return ops.reshape(state, ops.shape(x))
