import math

import keras
from keras import ops

from dtf_keras.layers.frames.pictures import convolve
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.time_geometry import TimeGeometry
from dtf_keras.values import whole_number


@keras.saving.register_keras_serializable(package="dtf_keras")
class StridedFrameConv(MaskAtRunTime, keras.layers.Layer):
    """A convolution over frames alone, at every n-th frame; padding is read as zeros.

    The function of PyTorch's `Conv3d` with a kernel `(t, 1, 1)`, a stride `(n, 1, 1)`
    and t // 2 frames of zeros on either side, without a bias. Only the frames that
    come out are computed.

    Args:
        filters: output features.
        frames: t, frames that a kernel covers, odd.
        strides: n, frames between two places of the kernel.

    Call arguments:
        inputs: `[B, T, H, W, D]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, ceil(T / strides), H, W, filters]`, with the mask of the frames at
    which they lie.

    Raises:
        ValueError: if a number is no whole number from 1, or the kernel is even.
    """

    def __init__(self, filters, frames, strides, **kwargs):
        super().__init__(**kwargs)
        self.filters = whole_number("filters", filters)
        self.frames = whole_number("frames", frames)
        self.strides = whole_number("strides", strides)
        if self.frames % 2 == 0:
            raise ValueError(
                "StridedFrameConv pads both sides alike: its kernel is odd. "
                f"Received: frames={frames!r}."
            )
        self.supports_masking = True

    def build(self, input_shape):
        fan_in = self.frames * input_shape[-1]
        self.kernel = self.add_weight(
            shape=(self.frames, 1, 1, input_shape[-1], self.filters),
            initializer=keras.initializers.RandomNormal(stddev=math.sqrt(2 / fan_in)),
            name="kernel",
        )
        self.built = True

    def call(self, inputs, mask=None):
        x = zero_padding(inputs, mask)
        batch, length = ops.shape(x)[:2]
        count, margin = self._fewer(length), self.frames // 2
        x = ops.pad(x, [[0, 0], [margin, margin]] + [[0, 0]] * 3)
        taps = [x[:, tap :: self.strides][:, :count] for tap in range(self.frames)]
        x = ops.concatenate(taps, axis=-1)  # (B, T / n, H, W, t * D)
        kernel = ops.reshape(self.kernel, (1, 1, x.shape[-1], self.filters))
        pictures = ops.reshape(x, (-1, *x.shape[2:]))
        x = convolve(pictures, kernel)
        return ops.reshape(x, (batch, count, *x.shape[1:]))

    def compute_mask(self, inputs, mask=None):
        mask = mask_or_all(inputs, mask)
        if isinstance(inputs, keras.KerasTensor):
            shape = self.compute_output_shape(inputs.shape)
            return keras.KerasTensor(shape[:2], dtype="bool")
        return mask[:, :: self.strides]

    def compute_output_shape(self, input_shape):
        batch, length, *sides, _ = input_shape
        length = None if length is None else self._fewer(length)
        return (batch, length, *sides, self.filters)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, D)`."""
        _, *shape = self.compute_output_shape((None, *input_shape))
        return math.prod(shape) * self.frames * input_shape[-1]

    def time_geometry(self):
        margin = self.frames // 2
        return TimeGeometry(
            steps=self._fewer,
            places=lambda places: places[:: self.strides],
            before=margin,
            after=margin,
            stride=self.strides,
        )

    def _fewer(self, count):
        return (count + self.strides - 1) // self.strides

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "frames": self.frames,
            "strides": self.strides,
        }
