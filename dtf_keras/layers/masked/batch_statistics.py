"""Features normalised by the mean and the variance of a batch's real frames.

Written operation by operation, a batch norm passes over the features some forty times
in a training step, and on a CPU takes as long as the convolutions. Where no frame is
padding the kernels of TensorFlow and PyTorch do it; elsewhere its gradient is written
by hand.
"""

import math

import keras
from keras import ops

from dtf_keras import replicas


def normalise_by_batch(x, mask, scale, offset, epsilon, relu=False):
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, of the real frames.

    Args:
        x: `[N, D]`; `N` stands for any number of axes.
        mask: bool, the first axes of `x`, True = real frame. One without axes says
            whether all or none of them are; `None`: all.
        scale, offset: `[D]`.
        epsilon: float.
        relu: whether a ReLU follows.

    Returns:
        Tuple of what is normalised, in the shape of `x`, mean and variance `[D]`, and
        whether any frame is real. The gradient goes through the first alone.
    """
    kernel = _KERNELS.get(keras.backend.backend())
    alike = mask is None or len(mask.shape) == 0
    float32 = keras.backend.standardize_dtype(x.dtype) == "float32"
    alone = replicas.count() == 1
    if alike and alone and float32 and kernel and len(x.shape) > 3:
        count = math.prod(ops.shape(x)[:-1])
        if not isinstance(count, int) or count > 1:
            outputs = kernel(x, scale, offset, epsilon, relu)
            return *outputs, True if mask is None else mask
    shares, any_real = _shares(x, mask)
    mean, variance = _moments(ops.stop_gradient(x), shares)
    outputs = _normalised(epsilon)(x, scale, offset, mean, variance, shares)
    return _maybe_relu(outputs, relu), mean, variance, any_real


def _maybe_relu(x, relu):
    return ops.relu(x) if relu else x


def _shares(x, mask):
    """What each frame counts for in the mean, `[N]`, and whether any is real."""
    if mask is None or len(mask.shape) == 0:
        frames = ops.ones(ops.shape(x)[:1], dtype="bool")
        mask = frames if mask is None else ops.logical_and(frames, mask)
    pixels = math.prod(ops.shape(x)[len(mask.shape) : -1])
    real = ops.cast(ops.reshape(ops.cast(mask, "bool"), (-1,)), x.dtype)
    count = replicas.total(ops.sum(real))
    return real / ops.maximum(count, 1.0) / ops.cast(pixels, x.dtype), count > 0


def _in_frames(x, shares):
    """`[N, P, D]`: as many frames as there are shares."""
    return ops.reshape(x, (ops.shape(shares)[0], -1, x.shape[-1]))


def _moments(x, shares):
    x = _in_frames(x, shares)
    mean = replicas.total(ops.matmul(shares, ops.sum(x, axis=1)))
    spread = ops.sum(ops.square(x - mean), axis=1)
    return mean, replicas.total(ops.matmul(shares, spread))


def _normalised(epsilon):
    """A function whose gradient knows what `mean` and `variance` are of `x`."""

    @ops.custom_gradient
    def normalised(x, scale, offset, mean, variance, shares):
        rest = ops.rsqrt(variance + epsilon)
        rate = scale * rest

        def gradient(*upstream, **by_name):
            (dy,) = by_name.values() if by_name else upstream
            frames_and_pixels = tuple(range(len(x.shape) - 1))
            to_offset = ops.sum(dy, axis=frames_and_pixels)
            to_scale = ops.sum(dy * x, axis=frames_and_pixels)
            to_scale = (to_scale - mean * to_offset) * rest
            slope = rate * rest * replicas.total(to_scale)
            level = rate * replicas.total(to_offset) - slope * mean
            through_both = _in_frames(x, shares) * slope + level
            to_x = _in_frames(dy, shares) * rate
            to_x = to_x - shares[:, None, None] * through_both
            none = ops.zeros_like(mean)
            to_x = ops.reshape(to_x, ops.shape(x))
            return to_x, to_scale, to_offset, none, none, ops.zeros_like(shares)

        return x * rate + (offset - mean * rate), gradient

    return normalised


def _by_tensorflow(x, scale, offset, epsilon, relu):
    import tensorflow as tf

    pictures = ops.reshape(x, (-1, *ops.shape(x)[-3:]))
    if tf.config.list_logical_devices("GPU"):
        nothing = tf.zeros((0,), x.dtype)
        outputs, mean, unbiased, *_ = tf.raw_ops.FusedBatchNormV3(
            x=pictures,
            scale=scale,
            offset=offset,
            mean=nothing,
            variance=nothing,
            epsilon=epsilon,
            exponential_avg_factor=1.0,
            is_training=True,
        )
        count = ops.cast(math.prod(ops.shape(x)[:-1]), x.dtype)
        outputs = ops.reshape(_maybe_relu(outputs, relu), ops.shape(x))
        return outputs, mean, unbiased * (1 - 1 / count)

    # The processor's own statistics are sums of one number after another: of 100
    # frames of 112 x 112 pixels the variance is off by a thousandth.
    count, height, width, depth = ops.shape(pictures)
    rows = ops.reshape(tf.stop_gradient(pictures), (count * height, width * depth))

    def mean_of(rows):
        columns = ops.matmul(ops.ones((1, count * height)), rows)
        columns = ops.reshape(columns, (width, depth))
        return ops.sum(columns, axis=0) / ops.cast(count * height * width, x.dtype)

    mean = mean_of(rows)
    spread = tf.math.squared_difference(rows, ops.tile(mean, (width,)))
    variance = mean_of(spread)

    @tf.custom_gradient
    def normalised(pictures, scale, offset):
        outputs, *_ = tf.raw_ops.FusedBatchNormV3(
            x=pictures,
            scale=scale,
            offset=offset,
            mean=mean,
            variance=variance,
            epsilon=epsilon,
            is_training=False,
        )

        def gradient(upstream):
            gradients = tf.raw_ops.FusedBatchNormGradV3(
                y_backprop=upstream,
                x=pictures,
                scale=scale,
                reserve_space_1=mean,
                reserve_space_2=variance,
                reserve_space_3=tf.zeros((0,), pictures.dtype),
                epsilon=epsilon,
                is_training=True,
            )
            return gradients[:3]

        return outputs, gradient

    outputs = _maybe_relu(normalised(pictures, scale, offset), relu)
    return ops.reshape(outputs, ops.shape(x)), mean, variance


def _by_torch(x, scale, offset, epsilon, relu):
    import torch

    pictures = x.reshape(-1, *x.shape[-3:]).permute(0, 3, 1, 2)
    # PyTorch's own statistics of features that lie last are sums of one number after
    # another, with the rounding of so many.
    with torch.no_grad():
        frames = x.reshape(-1, math.prod(x.shape[-3:-1]), x.shape[-1])
        mean = frames.sum(1).mean(0) / frames.shape[1]
        some = len(frames)
        if x.is_cpu:  # so many as stay in the processor's cache
            some = max(1, 2**18 // frames[0].numel())
        spread = [(part - mean).square_().sum(1) for part in frames.split(some)]
        spread = torch.cat(spread)
        variance = spread.mean(0) / frames.shape[1]

    class Normalised(torch.autograd.Function):
        @staticmethod
        def forward(pictures, scale, offset):
            outputs = torch.nn.functional.batch_norm(
                pictures, mean, variance, scale, offset, False, 0.0, epsilon
            )
            return outputs.relu_() if relu else outputs  # where it lies

        @staticmethod
        def setup_context(context, inputs, output):
            context.save_for_backward(*inputs[:2], output if relu else None)

        @staticmethod
        def backward(context, upstream):
            pictures, scale, outputs = context.saved_tensors
            if relu:
                upstream = torch.ops.aten.threshold_backward(upstream, outputs, 0)
            rest = torch.rsqrt(variance + epsilon)
            return torch.ops.aten.native_batch_norm_backward(
                upstream,
                pictures,
                scale,
                None,
                None,
                mean,
                rest,
                True,
                epsilon,
                [True, True, True],
            )

    outputs = Normalised.apply(pictures, scale, offset)
    return outputs.permute(0, 2, 3, 1).reshape(x.shape), mean, variance


_KERNELS = {"tensorflow": _by_tensorflow, "torch": _by_torch}
