import functools
import itertools

import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.pictures import max_pool
from dtf_keras.layers.frames.plain_convnet import scale_channels
from dtf_keras.layers.frames.residual_block import (
    ResidualBlock,
    frame_norm,
    serialise_part,
)
from dtf_keras.layers.masked.masking import (
    MaskAtRunTime,
    as_one_clip,
    mask_or_all,
    zero_padding,
)
from dtf_keras.layers.recomputation import Recomputes
from dtf_keras.layers.time_geometry import WHOLE_CLIP, TimeGeometry, geometry_of
from dtf_keras.values import whole_number

_CHANNELS = (64, 128, 256, 512)


@keras.saving.register_keras_serializable(package="dtf_keras")
class ResNet(Recomputes, MaskAtRunTime, keras.layers.Layer):
    """A ResNet of basic blocks without its classifier, applied to each frame.

    conv 7x7 with stride 2, norm, ReLU, max pooling 3x3 with stride 2; four stages of
    64, 128, 256 and 512 channels, all but the first halving the picture; the mean over
    the picture. (2, 2, 2, 2) blocks make torchvision's ResNet-18. Any picture size.
    Statistics of the norms are those of real frames.

    Layers may be put in, which may look at other frames: each keeps the shape of its
    input, `[B, T, H, W, D]`, and is called with a `mask`.

    References: He et al., 2016 (arXiv 1512.03385).

    Args:
        blocks: number of blocks of each stage.
        width: factor on every channel count; 1 gives D = 512.
        after_stages: a layer or `None` for each stage, applied to what it gives.
        in_blocks: a layer or `None` for each block, applied after its first ReLU.

    Call arguments:
        inputs: `[B, T, H, W, 3]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, zero on padded frames, with the same mask.

    Raises:
        ValueError: if a number of blocks is no whole number from 1, or the layers to
            put in are not as many as there are stages or blocks.
    """

    def __init__(
        self,
        blocks=(2, 2, 2, 2),
        width=1.0,
        after_stages=None,
        in_blocks=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.blocks = tuple(whole_number("blocks", number) for number in blocks)
        self.width = float(width)
        channels = [scale_channels(c, width) for c in _CHANNELS[: len(self.blocks)]]
        policy = {"dtype": self.dtype_policy}
        self.conv1 = FrameConv2D(channels[0], 7, 2, name="conv1", **policy)
        self.bn1 = frame_norm("bn1", relu=True, **policy)
        self.after_stages = _one_each("after_stages", after_stages, len(self.blocks))
        in_blocks = iter(_one_each("in_blocks", in_blocks, sum(self.blocks)))
        self.residual_blocks = [  # one list: Keras saves no layers of nested lists
            ResidualBlock(
                channels[stage],
                strides=2 if stage and not number else 1,
                inner=next(in_blocks),
                name=f"layer{stage + 1}_{number}",
                **policy,
            )
            for stage, count in enumerate(self.blocks)
            for number in range(count)
        ]
        self.supports_masking = True

    def build(self, input_shape):
        self.conv1.build(input_shape)
        shape = self.conv1.compute_output_shape(input_shape)
        self.bn1.build(shape)
        shape = pooled_shape(shape)
        for layer in self._after_the_stem():
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        real = mask_or_all(inputs, mask)
        if training and not any((*self.after_stages, *self._in_blocks())):
            x, real, put_back = as_one_clip(inputs, real)
        else:
            x, put_back = inputs, lambda features: zero_padding(features, mask)
        how = {"training": training, "mask": real}
        stem = functools.partial(self._stem, **how)
        x = self._run(stem, [self.conv1, self.bn1], [x], training)
        for layer in self._after_the_stem():
            x = self._run(functools.partial(layer, **how), [layer], [x], training)
        return put_back(ops.mean(x, axis=(2, 3)))

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:2], self.residual_blocks[-1].filters)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, 3)`."""
        total = self.conv1.count_macs(input_shape)
        shape = pooled_shape(self.conv1.compute_output_shape((None, *input_shape)))
        for layer in self._after_the_stem():
            total += layer.count_macs(shape[1:])
            shape = layer.compute_output_shape(shape)
        return total

    def time_geometry(self):
        reach = [geometry_of(layer) for layer in self._after_the_stem()]
        if not all(one.bounded for one in reach):
            return WHOLE_CLIP
        return TimeGeometry(
            before=sum(one.before for one in reach),
            after=sum(one.after for one in reach),
        )

    def _in_blocks(self):
        return [block.inner for block in self.residual_blocks]

    def _stem(self, inputs, **how):
        return max_pool_frames(self.bn1(self.conv1(inputs), **how))

    def _after_the_stem(self):
        """The blocks, and the layers put after their stages, in order."""
        blocks = iter(self.residual_blocks)
        for count, after in zip(self.blocks, self.after_stages, strict=True):
            yield from itertools.islice(blocks, count)
            if after is not None:
                yield after

    def get_config(self):
        return {
            **super().get_config(),
            "blocks": self.blocks,
            "width": self.width,
            "after_stages": [serialise_part(layer) for layer in self.after_stages],
            "in_blocks": [serialise_part(layer) for layer in self._in_blocks()],
        }

    @classmethod
    def from_config(cls, config):
        put_in = {
            name: [keras.saving.deserialize_keras_object(one) for one in config[name]]
            for name in ("after_stages", "in_blocks")
        }
        return super().from_config({**config, **put_in})


def max_pool_frames(x):
    """Max pooling 3x3 with stride 2 of `[B, T, H, W, D]`, none of it below 0."""
    batch, length = ops.shape(x)[:2]
    x = max_pool(ops.reshape(x, (-1, *x.shape[2:])), 3, 2, margin=1)
    return ops.reshape(x, (batch, length, *x.shape[1:]))


def pooled_shape(shape):
    """The shape that `max_pool_frames` gives `[B, T, H, W, D]`."""
    batch, length, height, width, channels = shape
    return (batch, length, -(-height // 2), -(-width // 2), channels)


def _one_each(name, layers, count):
    layers = [None] * count if layers is None else list(layers)
    if len(layers) != count:
        raise ValueError(
            f"{name} has a layer or None for each of {count}. Received: {len(layers)}."
        )
    return layers
