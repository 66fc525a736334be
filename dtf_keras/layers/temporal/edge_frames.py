import keras
import numpy as np
from keras import ops

from dtf_keras.layers.masked.masking import (
    MaskAtRunTime,
    gather_frames,
    lengths_to_mask,
    mask_or_all,
    mask_to_lengths,
)
from dtf_keras.layers.time_geometry import TimeGeometry
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class EdgeFrames(MaskAtRunTime, keras.layers.Layer):
    """Repeats the first and the last real frame of each clip.

    A clip of n frames becomes `edge` times its first frame, its frames, and its last
    frame up to `ceil(n / stride) * stride + 2 * edge` frames: convolutions that pad
    nothing and poolings (see `edge_of`) then give `ceil(n / stride)` steps. A clip
    without frames stays without.

    Source: how VAC and the networks after it pad their clips.

    Args:
        edge: frames put before a clip, and at least put behind it.
        stride: the number of frames becomes a multiple of it, before the edges.

    Call arguments:
        inputs: `[B, T, ...]`, pictures or features.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, ceil(T / stride) * stride + 2 * edge, ...]`, with its mask.

    Raises:
        ValueError: if `edge` is no whole number from 0 or `stride` none from 1.

    Example:

    >>> x = np.array([[[1.0], [2.0], [3.0]]])
    >>> EdgeFrames(edge=1, stride=4)(x)[0, :, 0]
    [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]
    """

    def __init__(self, edge, stride=1, **kwargs):
        super().__init__(**kwargs)
        self.edge = whole_number("edge", edge, at_least=0)
        self.stride = whole_number("stride", stride)
        self.supports_masking = True

    def build(self, input_shape):
        self.built = True

    def call(self, inputs, mask=None):
        last = mask_to_lengths(mask_or_all(inputs, mask)) - 1  # (B,)
        steps = ops.arange(self._longer(ops.shape(inputs)[1]), dtype="int32")
        frames = ops.minimum(steps[None, :] - self.edge, last[:, None])
        return gather_frames(inputs, ops.maximum(frames, 0))

    def compute_mask(self, inputs, mask=None):
        if isinstance(inputs, keras.KerasTensor):
            shape = self.compute_output_shape(inputs.shape)
            return keras.KerasTensor(shape[:2], dtype="bool")
        counts = mask_to_lengths(mask_or_all(inputs, mask))
        longer = ops.where(counts > 0, self._longer(counts), 0)
        return lengths_to_mask(longer, self._longer(ops.shape(inputs)[1]))

    def compute_output_shape(self, input_shape):
        batch, length, *rest = input_shape
        return (batch, None if length is None else self._longer(length), *rest)

    def time_geometry(self):
        return TimeGeometry(
            steps=lambda n: self._longer(n) if n else 0,
            places=self._places,
            grid=self.stride,  # how many copies come last depends on the length
        )

    def _longer(self, count):
        whole = (count + self.stride - 1) // self.stride * self.stride
        return whole + 2 * self.edge

    def _places(self, places):
        """Those of the copies go on as those of the frames begin and end."""
        count = len(places)
        if not count:
            return places
        first = last = 1
        if count > 1:
            first, last = places[1] - places[0], places[-1] - places[-2]
        before = places[0] - first * np.arange(self.edge, 0, -1)
        behind = self._longer(count) - self.edge - count
        after = places[-1] + last * np.arange(1, behind + 1)
        return np.concatenate([before, places, after])

    def get_config(self):
        return {**super().get_config(), "edge": self.edge, "stride": self.stride}


def edge_of(kernels):
    """The edge and the stride of a string of temporal convolutions and poolings.

    Args:
        kernels: such as `("K5", "P2", "K5", "P2")`: `K5` a convolution of 5 steps that
            pads nothing, `P2` a pooling by 2.

    Returns:
        The `edge` and the `stride` of `EdgeFrames`, frames. A string that begins with a
        pooling gets too small an edge: so the rule goes.

    Example:

    >>> edge_of(("K5", "P2", "K5", "P2"))
    (6, 4)
    """
    edge, pooled, stride = 0, 1, 1
    for kind, size in map(parse_kernel, kernels):
        if kind == "K":
            edge = edge * pooled + (size - 1) // 2
        else:
            pooled, stride = size, stride * size
    return edge, stride


def parse_kernel(kernel):
    """`"K5"` -> `("K", 5)`.

    Raises:
        ValueError: it is neither a convolution nor a pooling.
    """
    kind, size = kernel[:1], kernel[1:]
    if kind not in ("K", "P") or not size.isdigit() or int(size) < 1:
        raise ValueError(
            "A kernel is K and a size, a convolution, or P and a size, a pooling. "
            f"Received: {kernel!r}."
        )
    return kind, int(size)
