import functools

import keras
from keras import ops

from dtf_keras.layers.frames.pictures import PictureConv2D, max_pool
from dtf_keras.layers.masked.batch_norm import FrameBatchNormalization
from dtf_keras.layers.masked.masking import MaskAtRunTime, as_one_clip, mask_or_all
from dtf_keras.layers.recomputation import Recomputes
from dtf_keras.layers.time_geometry import STEP_BY_STEP

_CHANNELS = (32, 64, 128, 256, 512)


@keras.saving.register_keras_serializable(package="dtf_keras")
class FrameBackbone(Recomputes, MaskAtRunTime, keras.layers.Layer):
    """A small convolutional network applied to each frame alone.

    Conv 3x3 and pool, then four blocks [conv, pool, conv] with 64 to 512 channels, each
    convolution followed by batch norm and ReLU, then the global average. Batch
    statistics are taken over real frames only.

    Args:
        width: factor on every channel count; 1 gives D = 512.

    Call arguments:
        inputs: `[B, T, H, W, 3]`, pixels 0..1.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, with the same mask.

    Raises:
        ValueError: if a frame is smaller than 32x32 pixels (five poolings by 2).
    """

    def __init__(self, width=1.0, **kwargs):
        super().__init__(**kwargs)
        self.width = float(width)
        self.channels = [scale_channels(c, width) for c in _CHANNELS]
        self.supports_masking = True

    def build(self, input_shape):
        height, width = input_shape[2:4]
        if min(height, width) < 32:
            raise ValueError(
                "FrameBackbone halves a frame five times, so frames must be at least "
                f"32x32 pixels. Received: {height}x{width}."
            )
        self.convolutions, self.norms = [], []
        self._add_unit("stem", self.channels[0])
        for number, channels in enumerate(self.channels[1:], 1):
            self._add_unit(f"block{number}_a", channels)
            self._add_unit(f"block{number}_b", channels)
        shape = (None, *input_shape[2:])
        for index, convolution in enumerate(self.convolutions):
            convolution.build(shape)
            shape = (*shape[:3], convolution.filters)
            self.norms[index].build(shape)
            if _pooled(index):
                shape = (None, shape[1] // 2, shape[2] // 2, shape[3])
        self.built = True

    def call(self, inputs, training=None, mask=None):
        if training:
            inputs, mask, put_back = as_one_clip(inputs, mask)
        batch, length = ops.shape(inputs)[:2]
        real = mask
        if mask is not None and len(mask.shape):
            real = ops.reshape(mask, (-1,))  # (B*T,)
        x = ops.reshape(inputs, (-1, *inputs.shape[2:]))
        for index, convolution in enumerate(self.convolutions):
            unit = functools.partial(self._unit, index, training=training, mask=real)
            parts = [convolution, self.norms[index]]
            x = self._run(unit, parts, [x], training)
        x = ops.mean(x, axis=(1, 2))
        x = ops.reshape(x, (batch, length, self.channels[-1]))
        return put_back(x) if training else x

    def _unit(self, index, x, **how):
        x = self.norms[index](self.convolutions[index](x), **how)
        return max_pool(x, 2, 2) if _pooled(index) else x

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], self.channels[-1])

    def time_geometry(self):
        return STEP_BY_STEP

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, 3)`."""
        length, height, width, channels = input_shape
        total = 0
        for index, convolution in enumerate(self.convolutions):
            total += 9 * channels * convolution.filters * height * width
            channels = convolution.filters
            if _pooled(index):
                height, width = height // 2, width // 2
        return length * total

    def _add_unit(self, name, channels):
        convolution = PictureConv2D(
            channels,
            3,
            padding="same",
            data_format="channels_last",
            use_bias=False,
            kernel_initializer=keras.initializers.VarianceScaling(
                2.0, "fan_out", "untruncated_normal"
            ),
            dtype=self.dtype_policy,
            name=f"{name}_conv",
        )
        norm = FrameBatchNormalization(
            relu=True,
            momentum=0.9,
            epsilon=1e-5,
            dtype=self.dtype_policy,
            name=f"{name}_bn",
        )
        self.convolutions.append(convolution)
        self.norms.append(norm)

    def get_config(self):
        return {**super().get_config(), "width": self.width}


def scale_channels(channels, width):
    """A channel count of the source times `width`, at least 1."""
    return max(1, round(channels * width))


def _pooled(index):
    """Whether a pooling follows the convolution: the stem and each block's first."""
    return index == 0 or index % 2 == 1
