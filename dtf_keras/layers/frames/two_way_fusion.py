import keras
from keras import ops

from dtf_keras.layers.frames.frame_conv2d import FrameConv2D
from dtf_keras.layers.frames.residual_block import frame_norm
from dtf_keras.layers.frames.strided_frame_conv import StridedFrameConv
from dtf_keras.layers.masked.masking import MaskAtRunTime, mask_or_all

KERNEL = 5  # fast frames that a slow one is told of


@keras.saving.register_keras_serializable(package="dtf_keras")
class TwoWayFusion(MaskAtRunTime, keras.layers.Layer):
    """Adds to the features of either path of a SlowFast network those of the other.

    Each slow frame gets a convolution of the 5 fast frames around it, each fast frame
    a 1x1 convolution of the slow one that stands for it, both after norm and ReLU and
    times a learnt number that starts at 0. Both read what was before.

    References: Ahn et al., SlowFast Network for Continuous Sign Language Recognition,
    ICASSP 2024 (arXiv 2309.12304).

    Args:
        ratio: fast frames of a slow one; slow frame s lies where fast frame ratio * s
            does.

    Call arguments:
        inputs: `(slow, fast)`, `[B, ceil(T / ratio), H, W, D]` and `[B, T, H, W, E]`.
        mask: pair of bool `[B, ceil(T / ratio)]` and `[B, T]`, True = real frame.

    Output: `(slow, fast)`, of the same shapes.
    """

    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = int(ratio)
        self.supports_masking = True

    def build(self, input_shape):
        policy = {"dtype": self.dtype_policy}
        slow, fast = input_shape
        self.to_slow = StridedFrameConv(
            slow[-1], KERNEL, self.ratio, name="to_slow", **policy
        )
        self.to_fast = FrameConv2D(fast[-1], 1, name="to_fast", **policy)
        self.slow_bn = frame_norm("slow_bn", relu=True, **policy)
        self.fast_bn = frame_norm("fast_bn", relu=True, **policy)
        self.to_slow.build(fast)
        self.to_fast.build(slow)
        self.slow_bn.build(slow)
        self.fast_bn.build((*slow[:-1], fast[-1]))
        self.slow_weight, self.fast_weight = (
            self.add_weight((1,), initializer="zeros", name=f"{path}_weight")
            for path in ("slow", "fast")
        )
        self.built = True

    def call(self, inputs, training=None, mask=None):
        slow, fast = inputs
        slow_mask, fast_mask = self.compute_mask(inputs, mask)
        real = {"training": training, "mask": slow_mask}
        more_slow = self.slow_bn(self.to_slow(fast, mask=fast_mask), **real)
        more_fast = self.fast_bn(self.to_fast(slow), **real)
        more_fast = repeat_frames(more_fast, self.ratio, ops.shape(fast)[1])
        return slow + self.slow_weight * more_slow, fast + self.fast_weight * more_fast

    def compute_mask(self, inputs, mask=None):
        masks = (None, None) if mask is None else mask
        return tuple(map(mask_or_all, inputs, masks))

    def compute_output_shape(self, input_shape):
        return tuple(map(tuple, input_shape))

    def count_macs(self, slow_shape, fast_shape):
        """Multiply-adds for one clip of shapes `(T / ratio, H, W, D)` and
        `(T, H, W, E)`."""
        return self.to_slow.count_macs(fast_shape) + self.to_fast.count_macs(slow_shape)

    def get_config(self):
        return {**super().get_config(), "ratio": self.ratio}


def repeat_frames(x, ratio, length):
    """Each frame `ratio` times, cut to `length`: `[B, T', ...]` -> `[B, T, ...]`."""
    return ops.repeat(x, ratio, axis=1)[:, :length]
