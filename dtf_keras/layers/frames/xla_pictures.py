"""Convolutions and pooling of pictures `[N, H, W, D]` where XLA's own are slow.

On a processor XLA's gradient of a kernel runs at a third to a half of the rate of a
matrix product. As products of the windows of few frames at a time, which stay in the
cache, it comes near to it; so does a convolution of pictures with few features.
"""

import functools
import math

import keras
from keras import ops

LARGE = 2**27
"""Floating-point operations from which a convolution is made of products."""
CACHED = 3 * 2**19
"""Numbers in the windows that are made at a time."""
FEW_FEATURES = 8


def pad_frames(pictures, margin):
    """Zeros around pictures: `[N, H, W, D]` -> `[N, H + 2 margin, W + 2 margin, D]`."""
    if not margin:
        return pictures
    return ops.pad(pictures, [[0, 0], [margin, margin], [margin, margin], [0, 0]])


def convolve(pictures, kernel, strides, margin):
    """`dtf_keras.layers.frames.pictures.convolve` on JAX."""
    kernel = ops.convert_to_tensor(kernel)
    size, _, features, filters = kernel.shape
    shape = pictures.shape[1] + 2 * margin, pictures.shape[2] + 2 * margin
    height, width = _places(shape, size, strides)
    if size == 3 and min(height, width) < 3:  # XLA's takes up to eighty times as long
        windows = _windows(pad_frames(pictures, margin), size, strides)
        return ops.matmul(windows, ops.reshape(kernel, (-1, filters)))
    places = pictures.shape[0] * height * width
    if 2 * places * size**2 * features * filters < LARGE or not _slow(pictures):
        return _by_xla(strides, margin, pictures, kernel)
    return _by_products(strides, margin)(pictures, kernel)


def _slow(x):
    import jax

    float32 = keras.backend.standardize_dtype(x.dtype) == "float32"
    return float32 and jax.default_backend() == "cpu"


def _by_xla(strides, margin, pictures, kernel):
    from jax import lax

    return lax.conv_general_dilated(
        pictures,
        kernel,
        (strides, strides),
        [(margin, margin), (margin, margin)],
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def _by_products(strides, margin):
    """A convolution whose gradients are made in the faster of two ways."""

    @ops.custom_gradient
    def convolution(pictures, kernel):
        size, _, features, filters = kernel.shape

        def gradient(*upstream):
            import jax

            (dy,) = upstream
            by_xla = functools.partial(_by_xla, strides, margin, kernel=kernel)
            (to_pictures,) = jax.vjp(by_xla, pictures)[1](dy)
            return to_pictures, _of_kernel(pictures, dy, size, strides, margin)

        if features <= FEW_FEATURES:
            rows = ops.reshape(kernel, (-1, filters))
            return _of_few_features(pictures, rows, size, strides, margin), gradient
        return _by_xla(strides, margin, pictures, kernel), gradient

    return convolution


def _of_few_features(pictures, rows, size, strides, margin):
    from jax import lax

    (groups,) = _in_groups(size, strides, pad_frames(pictures, margin))

    def convolved(group):
        return ops.matmul(_windows(group, size, strides), rows)

    found = lax.map(convolved, groups)
    return ops.reshape(found, (-1, *found.shape[2:]))[: pictures.shape[0]]


def _of_kernel(pictures, dy, size, strides, margin):
    from jax import lax

    def add(total, group):
        pictures, dy = group
        windows = _windows(pictures, size, strides)
        windows, dy = (ops.reshape(x, (-1, x.shape[-1])) for x in (windows, dy))
        return total + ops.matmul(windows.T, dy), None

    shape = (size, size, pictures.shape[-1], dy.shape[-1])
    groups = _in_groups(size, strides, pad_frames(pictures, margin), dy)
    start = ops.zeros((size**2 * shape[2], shape[3]), dy.dtype)
    total, _ = lax.scan(add, start, groups)
    return ops.reshape(total, shape)


def _in_groups(size, strides, pictures, *others):
    """`[N, ...]` as `[groups, frames, ...]`, frames without anything at the end."""
    count, height, width, features = pictures.shape
    windows = math.prod(_places((height, width), size, strides)) * size**2 * features
    most = max(1, round(CACHED / windows))
    groups = -(-count // most)
    frames = -(-count // groups)
    more = [0, groups * frames - count]

    def grouped(x):
        x = ops.pad(x, [more, *[[0, 0]] * (len(x.shape) - 1)])
        return ops.reshape(x, (groups, frames, *x.shape[1:]))

    return [grouped(x) for x in (pictures, *others)]


def _places(sides, size, strides):
    """Of a kernel in a picture with its margins: their height and width."""
    return [(side - size) // strides + 1 for side in sides]


def _windows(pictures, size, strides):
    """What a kernel sees at each of its places: `[N, H', W', k * k * D]`."""
    height, width = (side - size + 1 for side in pictures.shape[1:3])
    windows = [
        pictures[:, top : top + height : strides, left : left + width : strides]
        for top in range(size)
        for left in range(size)
    ]
    return ops.concatenate(windows, axis=-1)


@ops.custom_gradient
def max_of_four(pictures):
    """Max pooling by 2; XLA's gradient of it takes longer than a convolution's."""
    height, width = pictures.shape[1] // 2 * 2, pictures.shape[2] // 2 * 2
    a, b, c, d = (
        pictures[:, row:height:2, column:width:2] for row in (0, 1) for column in (0, 1)
    )
    # Chosen in rounds, so that of four exactly one wins, however they are rounded.
    left, right = a >= b, c >= d
    above = ops.where(left, a, b) >= ops.where(right, c, d)

    def gradient(*upstream):
        (dy,) = upstream
        none = ops.zeros_like(dy)
        to_above, to_below = ops.where(above, dy, none), ops.where(above, none, dy)
        pairs = (left, to_above), (right, to_below)
        rows = [
            ops.stack([ops.where(first, row, none), ops.where(first, none, row)], 3)
            for first, row in pairs
        ]
        found = ops.reshape(ops.stack(rows, 2), (-1, height, width, dy.shape[-1]))
        below, beside = pictures.shape[1] - height, pictures.shape[2] - width
        return ops.pad(found, [[0, 0], [0, below], [0, beside], [0, 0]])

    return ops.max_pool(pictures, 2, 2, data_format="channels_last"), gradient
