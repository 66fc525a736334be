import collections
import functools

import keras
from keras import ops

from dtf_keras.layers.frames.bottleneck_block import BottleneckBlock
from dtf_keras.layers.frames.frame_stem import FrameStem
from dtf_keras.layers.frames.plain_convnet import scale_channels
from dtf_keras.layers.frames.two_way_fusion import KERNEL, TwoWayFusion, repeat_frames
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all, zero_padding
from dtf_keras.layers.recomputation import Recomputes
from dtf_keras.layers.time_geometry import TimeGeometry
from dtf_keras.values import whole_number

RATIO = 4  # fast frames of a slow one
_CHANNELS = {"slow": (64, 128, 256, 512), "fast": (8, 16, 32, 64)}
_STEM = {"slow": (64, 1), "fast": (8, 5)}  # channels, frames
_FRAMES = {"slow": (1, 1, 3, 3), "fast": (3, 3, 3, 3)}  # of each stage
_EXPANSION = 4
# From the seventh block of the third stage on, a block sees one frame.
_LONG_STAGE, _SEEING_BLOCKS = 2, 6


@keras.saving.register_keras_serializable(package="dtf_keras")
class SlowFast(Recomputes, MaskAtRunTime, keras.layers.Layer):
    """A SlowFast network with fusion both ways, without its classifier.

    Two ResNets of bottleneck blocks: the slow one reads every fourth frame, from the
    first on, the fast one all frames with an eighth of the channels. Stems of 7x7
    pixels, of 1 and of 5 frames; then stages of 64, 128, 256 and 512 channels (four
    times as many come out), all but the first halving the picture. Blocks of the fast
    network see 3 frames, those of the slow one do from the third stage on; in the third
    stage only the first 6 blocks of either do. After the stem and after every stage but
    the last a `TwoWayFusion`. At the end the mean over the picture; each slow frame is
    repeated for its four. (3, 4, 23, 3) blocks make SlowFast-101. Any picture size, any
    number of frames. Statistics of the norms are those of real frames.

    References: Feichtenhofer et al., SlowFast Networks for Video Recognition, 2019
    (arXiv 1812.03982); fusion both ways: Ahn et al., ICASSP 2024 (arXiv 2309.12304).

    Args:
        blocks: number of blocks of each stage, for up to four stages.
        width: factor on every channel count; 1 gives D = 2048 + 256.

    Call arguments:
        inputs: `[B, T, H, W, 3]`.
        mask: bool `[B, T]`, True = real frame.

    Output: `[B, T, D]`, the `slow_features` before those of the fast network; zero on
    padded frames, with the same mask.

    Raises:
        ValueError: if a number of blocks is no whole number from 1, or there are none
            or more than four.
    """

    def __init__(self, blocks=(3, 4, 23, 3), width=1.0, **kwargs):
        super().__init__(**kwargs)
        self.blocks = tuple(whole_number("blocks", number) for number in blocks)
        if not 1 <= len(self.blocks) <= len(_FRAMES["slow"]):
            raise ValueError(
                f"SlowFast has one to four stages. Received: blocks={blocks!r}."
            )
        self.width = float(width)
        self.slow_stem, self.slow_blocks = self._network("slow")
        self.fast_stem, self.fast_blocks = self._network("fast")
        self.fusions = [
            TwoWayFusion(RATIO, name=f"fusion{number}", dtype=self.dtype_policy)
            for number in range(1, len(self.blocks) + 1)
        ]
        self.supports_masking = True

    @property
    def slow_features(self):
        """Features of the slow network, the first ones of the output."""
        return self.slow_blocks[-1].filters

    def build(self, input_shape):
        shapes = self._slower(input_shape), tuple(input_shape)
        for layers in self._in_order():
            if isinstance(layers, TwoWayFusion):
                layers.build(shapes)
                continue
            for layer, shape in zip(layers, shapes, strict=True):
                layer.build(shape)
            shapes = _shapes_after(layers, shapes)
        self.built = True

    def call(self, inputs, training=None, mask=None):
        real = mask_or_all(inputs, mask)
        states = self.states(inputs, training, real)
        ((slow, fast),) = collections.deque(states, maxlen=1)  # no other is held
        slow, fast = (ops.mean(x, axis=(2, 3)) for x in (slow, fast))
        slow = repeat_frames(slow, RATIO, ops.shape(fast)[1])
        return zero_padding(ops.concatenate([slow, fast], axis=-1), mask)

    def states(self, inputs, training, real):
        """Both networks' features after the stems, after each block and each fusion.

        Args:
            inputs: `[B, T, H, W, 3]`.
            training: whether statistics are those of the batch.
            real: bool `[B, T]`.

        Yields:
            `(slow, fast)`, `[B, ceil(T / 4), H', W', D']` and `[B, T, H', W', E']`.
        """
        both = inputs[:, ::RATIO], inputs
        masks = real[:, ::RATIO], real
        for layers in self._in_order():
            parts = [layers] if isinstance(layers, TwoWayFusion) else layers
            step = functools.partial(_step, layers, training=training, masks=masks)
            both = tuple(self._run(step, parts, both, training))
            yield both

    def compute_mask(self, inputs, mask=None):
        return mask_or_all(inputs, mask)

    def compute_output_shape(self, input_shape):
        features = self.slow_features + self.fast_blocks[-1].filters
        return (*input_shape[:2], features)

    def count_macs(self, input_shape):
        """Multiply-adds for one clip of shape `(T, H, W, 3)`."""
        shape = (None, *input_shape)
        shapes, total = (self._slower(shape), shape), 0
        for layers in self._in_order():
            if isinstance(layers, TwoWayFusion):
                total += layers.count_macs(*(shape[1:] for shape in shapes))
                continue
            for layer, shape in zip(layers, shapes, strict=True):
                total += layer.count_macs(shape[1:])
            shapes = _shapes_after(layers, shapes)
        return total

    def time_geometry(self):
        before = self._farthest(-1, min)
        after = self._farthest(1, max)
        return TimeGeometry(before=before, after=after, grid=RATIO)

    def _farthest(self, side, farther):
        """How many frames a frame sees on one side, -1 before it or 1 after it."""
        slow, fast = 0, list(range(RATIO))  # what slow frame 0, fast ones 0..3 see

        def seen_at(frame):
            return frame // RATIO * RATIO + fast[frame % RATIO]

        for layers in self._in_order():
            if isinstance(layers, TwoWayFusion):
                told = seen_at(side * (KERNEL // 2))
                slow, fast = farther(slow, told), [farther(slow, own) for own in fast]
                continue
            of_slow, of_fast = (side * (layer.frames // 2) for layer in layers)
            slow += RATIO * of_slow
            fast = [seen_at(frame + of_fast) for frame in range(RATIO)]
        return max(side * (farther(slow, own) - n) for n, own in enumerate(fast))

    def _network(self, name):
        """The stem and the blocks of the slow or the fast network."""
        policy = {"dtype": self.dtype_policy}
        filters, frames = _STEM[name]
        filters = scale_channels(filters, self.width)
        stem = FrameStem(filters, frames, name=f"{name}_stem", **policy)
        blocks = [
            BottleneckBlock(
                scale_channels(_EXPANSION * _CHANNELS[name][stage], self.width),
                scale_channels(_CHANNELS[name][stage], self.width),
                strides=2 if stage and not number else 1,
                frames=1 if stage == _LONG_STAGE and number >= _SEEING_BLOCKS else seen,
                name=f"{name}{stage + 1}_{number}",
                **policy,
            )
            for stage, (count, seen) in enumerate(
                zip(self.blocks, _FRAMES[name], strict=False)
            )
            for number in range(count)
        ]
        return stem, blocks

    def _in_order(self):
        """Pairs of a layer of the slow and of the fast network, and fusions."""
        yield self.slow_stem, self.fast_stem
        pairs = iter(zip(self.slow_blocks, self.fast_blocks, strict=True))
        for count, fusion in zip(self.blocks, self.fusions, strict=True):
            yield fusion
            for _ in range(count):
                yield next(pairs)

    @staticmethod
    def _slower(shape):
        batch, length, *rest = shape
        return (batch, None if length is None else -(-length // RATIO), *rest)

    def get_config(self):
        return {**super().get_config(), "blocks": self.blocks, "width": self.width}


def _step(layers, *both, training, masks):
    """What a fusion, or a layer of either network, makes of both networks' features."""
    if isinstance(layers, TwoWayFusion):
        return layers(both, training=training, mask=masks)
    return tuple(
        layer(x, training=training, mask=mask)
        for layer, x, mask in zip(layers, both, masks, strict=True)
    )


def _shapes_after(layers, shapes):
    return tuple(
        layer.compute_output_shape(shape)
        for layer, shape in zip(layers, shapes, strict=True)
    )
