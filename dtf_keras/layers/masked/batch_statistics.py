"""Features normalised by the mean and the variance of a batch's real frames.

Written operation by operation, a batch norm passes over the features some forty times
in a training step, and on a CPU takes as long as the convolutions. The kernels of
PyTorch do it, and where no frame is padding those of TensorFlow; elsewhere its gradient
is written by hand.
"""

import functools
import math

import keras
from keras import ops

from dtf_keras import replicas


def normalise_by_batch(x, mask, scale, offset, epsilon, relu=False):
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, of the real frames.

    Args:
        x: `[N, D]`; `N` stands for any number of axes. It may have sixteen bits.
        mask: bool, the first axes of `x`, True = real frame. One without axes says
            whether all or none of them are; `None`: all.
        scale, offset: `[D]`, with 32 bits or more, as has what is computed.
        epsilon: float.
        relu: whether a ReLU follows.

    Returns:
        Tuple of what is normalised, in the shape of `x`, mean and variance `[D]`, and
        whether any frame is real. The gradient goes through the first alone.
    """
    how = scale, offset, epsilon, relu
    if mask is None or len(mask.shape) == 0:
        if _has_kernel(x):
            kernel = _KERNELS[keras.backend.backend()]
            return *kernel(x, *how), True if mask is None else mask
    elif _is_torch(x) and len(mask.shape) == len(x.shape) - 3:
        shares, any_real = _shares(x, mask, scale.dtype)
        return *_by_torch(x, *how, shares), any_real
    x = ops.cast(x, scale.dtype)
    shares, any_real = _shares(x, mask, x.dtype)
    mean, variance = _moments(ops.stop_gradient(x), shares)
    outputs = _normalised(epsilon)(x, scale, offset, mean, variance, shares)
    return _maybe_relu(outputs, relu), mean, variance, any_real


def _has_kernel(x):
    """Whether `_KERNELS` has one for pictures such as these, more than one number."""
    if len(x.shape) < 4 or replicas.count() > 1:
        return False
    count = math.prod(ops.shape(x)[:-1])
    if isinstance(count, int) and count < 2:
        return False
    if keras.backend.backend() == "tensorflow":
        return keras.backend.standardize_dtype(x.dtype) == "float32"
    return _is_torch(x)


def _is_torch(x):
    """Whether the kernels of PyTorch take these pictures."""
    dtype = keras.backend.standardize_dtype(x.dtype)
    known = dtype in ("float32", "bfloat16", "float16")
    return keras.backend.backend() == "torch" and len(x.shape) > 3 and known


def normalise(x, mean, variance, scale, offset, epsilon, relu=False):
    """`normalise_by_batch` with the moments of other frames, `[D]`, `[D]`."""
    if _is_torch(x):
        import torch

        outputs = torch.nn.functional.batch_norm(
            _features_first(x), mean, variance, scale, offset, False, 0.0, epsilon
        )
        outputs = _features_last(outputs, x)
        return outputs.relu_() if relu else outputs  # where it lies
    x = ops.cast(x, scale.dtype)
    outputs = ops.batch_normalization(x, mean, variance, -1, offset, scale, epsilon)
    return _maybe_relu(outputs, relu)


def _maybe_relu(x, relu):
    return ops.relu(x) if relu else x


def _shares(x, mask, dtype):
    """What each frame counts for in the mean, `[N]`, and whether any is real."""
    if mask is None or len(mask.shape) == 0:
        frames = ops.ones(ops.shape(x)[:1], dtype="bool")
        mask = frames if mask is None else ops.logical_and(frames, mask)
    pixels = math.prod(ops.shape(x)[len(mask.shape) : -1])
    real = ops.cast(ops.reshape(ops.cast(mask, "bool"), (-1,)), dtype)
    count = replicas.total(ops.sum(real))
    least_one = ops.maximum(count, ops.ones_like(count))
    return real / (least_one * pixels), count > 0


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


def _by_torch(x, scale, offset, epsilon, relu, shares=None, kernels_own=None):
    """Sixteen-bit pictures stay so; what is computed of them has 32 bits.

    `shares` `[N]` are those of `_shares`, `None` where all frames are real.
    `kernels_own` says whose the statistics are then; on a card the kernel's are right.
    """
    if kernels_own is None:
        kernels_own = not x.is_cpu
    outputs, mean, variance, _ = _torch_function().apply(
        _features_first(x), scale, offset, epsilon, relu, shares, kernels_own
    )
    return _features_last(outputs, x), mean, variance


@functools.cache
def _torch_function():
    """One class for all calls: a class lives until the garbage is collected, and with
    it what it knows."""
    import torch

    class Normalised(torch.autograd.Function):
        @staticmethod
        def forward(pictures, scale, offset, epsilon, relu, shares, kernels_own):
            kernels_own = kernels_own and shares is None
            moments = (None, None) if kernels_own else _torch_moments(pictures, shares)
            outputs, *kernels = torch.native_batch_norm(
                pictures, scale, offset, *moments, kernels_own, 0.0, epsilon
            )
            if kernels_own:
                mean, rest = kernels
                variance = rest**-2 - epsilon
            else:
                mean, variance = moments
                rest = torch.rsqrt(variance + epsilon)
            outputs = outputs.relu_() if relu else outputs  # where it lies
            return outputs, mean, variance, rest

        @staticmethod
        def setup_context(context, inputs, outputs):
            pictures, scale, _, context.epsilon, relu, shares, _ = inputs
            normalised, *moments = outputs
            context.mark_non_differentiable(*moments)
            kept = normalised if relu else None
            context.save_for_backward(pictures, scale, *moments, shares, kept)

        @staticmethod
        def backward(context, upstream, *_):
            pictures, scale, mean, variance, rest, shares, kept = context.saved_tensors
            if kept is not None:
                upstream = torch.ops.aten.threshold_backward(upstream, kept, 0)
            alike = shares is None
            to_x, to_scale, to_offset = torch.ops.aten.native_batch_norm_backward(
                upstream,
                pictures,
                scale,
                *((None, None, mean, rest) if alike else (mean, variance, None, None)),
                alike,
                context.epsilon,
                [True, True, True],
            )
            if not alike:  # what goes through mean and variance is missing yet
                slope = scale * rest.square() * to_scale
                level = scale * rest * to_offset - slope * mean
                slope, level = (shares[:, None] * one for one in (slope, level))
                to_x.addcmul_(pictures, slope[..., None, None], value=-1)
                to_x.sub_(level[..., None, None])
            return to_x, to_scale, to_offset, None, None, None, None

    return Normalised


def _torch_moments(pictures, shares):
    """Mean and variance; PyTorch's own of features that lie last are, on a processor,
    sums of one number after another, with the rounding of so many."""
    import torch

    frames = pictures.permute(0, 2, 3, 1).flatten(1, 2)  # (N, H*W, D)
    if shares is None:
        pixels = frames.shape[0] * frames.shape[1]
        shares = frames.new_full(frames.shape[:1], 1 / pixels, dtype=torch.float32)
    mean = shares @ frames.sum(1, dtype=torch.float32)
    # So many as stay in the processor's cache, or as the card has room for.
    some = max(1, (2**18 if frames.is_cpu else 2**26) // frames[0].numel())
    spread = [(part - mean).square_().sum(1) for part in frames.split(some)]
    return mean, shares @ torch.cat(spread)


def _features_first(x):
    """`[..., H, W, D]` as `[N, D, H, W]`, where it lies."""
    return x.reshape(-1, *x.shape[-3:]).permute(0, 3, 1, 2)


def _features_last(pictures, x):
    return pictures.permute(0, 2, 3, 1).reshape(x.shape)


_KERNELS = {"tensorflow": _by_tensorflow, "torch": _by_torch}
