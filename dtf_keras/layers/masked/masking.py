"""Masks and lengths: the one convention every layer here follows.

A mask is a bool tensor `[B, T]`, True = a real frame, False = padding. A clip's
real frames come first, its padding last. A missing mask means "all frames are real".
Layers take numbers too, not 0 = a real frame; the masks they give are bool.

Shape letters, here and in every docstring of the package: B batch, T frames,
T' output steps, A anchors, H W pixels, D features, k neighbours, V classes.
"""

import keras
from keras import ops


class MaskAtRunTime:
    """Mixin, before the layer class: masks are made at run time, never in the graph.

    A functional model would bake the mask it sees while being built into its graph, as
    an input without a history. The masks here depend on counts, contents and dynamic
    lengths, so on symbolic tensors `compute_mask` answers with a shape only, and this
    mixin keeps that out of the graph; on real tensors Keras carries the mask as ever.
    """

    def __call__(self, *args, **kwargs):
        outputs = super().__call__(*args, **kwargs)
        if isinstance(outputs, keras.KerasTensor):
            outputs._keras_mask = None
        return outputs


def lengths_to_mask(lengths, num_frames):
    """Mask of the first `lengths[b]` of `num_frames` frames: `[B]` -> bool `[B, T]`."""
    steps = ops.arange(num_frames, dtype="int32")
    return steps[None, :] < ops.cast(lengths, "int32")[:, None]


def mask_to_lengths(mask):
    """Number of real frames of each clip: bool `[B, T]` -> int32 `[B]`."""
    return ops.sum(ops.cast(mask, "int32"), axis=-1)


def longest_clip_mask(mask):
    """The mask of the batch's longest clip, for all clips: bool `[B, T]`."""
    steps = ops.arange(ops.shape(mask)[1], dtype="int32")
    longest = ops.max(mask_to_lengths(mask))
    return ops.logical_and(steps[None, :] < longest, ops.ones_like(mask))


def mask_or_all(inputs, mask):
    """`mask` as bool, or where there is none one that keeps all frames: `[B, T]`."""
    if mask is not None:
        return ops.cast(mask, "bool")
    if isinstance(inputs, keras.KerasTensor):
        return keras.KerasTensor(inputs.shape[:2], dtype="bool")
    return ops.ones(ops.shape(inputs)[:2], dtype="bool")


def zero_padding(inputs, mask):
    """`inputs` with zeros where `mask` `[B, T]` is False.

    `inputs` are `[B, T, D]`; `D` stands for any number of axes.
    """
    if mask is None:
        return inputs
    mask = ops.cast(mask, "bool")[(..., *[None] * (len(inputs.shape) - 2))]
    return ops.where(mask, inputs, ops.zeros((), dtype=inputs.dtype))


def gather_frames(inputs, frames):
    """Frames of each clip by index: `[B, T, D]`, int `[B, A]` -> `[B, A, D]`.

    `D` and `A` stand for any number of axes. Every index must lie in `0 .. T-1`.
    """
    batch, length = ops.shape(inputs)[:2]
    flat = ops.reshape(inputs, (-1, *inputs.shape[2:]))
    first = ops.arange(batch, dtype="int32") * length
    first = ops.reshape(first, (-1,) + (1,) * (len(frames.shape) - 1))
    return ops.take(flat, frames + first, axis=0)


def as_one_clip(inputs, mask):
    """The real frames of all clips, one after another, as one clip without padding.

    What treats each frame alone does no work for padding so, and batch statistics need
    not look for it. The number of frames changes from batch to batch, which JAX cannot
    have: there it is all frames, with their mask.

    Args:
        inputs: `[B, T, D]`; `D` stands for any number of axes.
        mask: bool `[B, T]`, True = real frame, or `None`.

    Returns:
        Tuple of the clip `[1, N, D]`, its mask, and a function that puts features
        `[1, N, F]` back where their frames were: `[B, T, F]`, zero on padding. The mask
        has no axes: a batch without any real frame is kept whole, and it is False.
    """
    if mask is None or keras.backend.backend() == "jax":
        return inputs, mask, lambda features: zero_padding(features, mask)
    batch, length = ops.shape(inputs)[:2]
    real = ops.reshape(ops.cast(mask, "bool"), (-1,))
    any_real = ops.any(real)
    frames = ops.reshape(inputs, (-1, *inputs.shape[2:]))
    kept = ops.nonzero(ops.logical_or(real, ops.logical_not(any_real)))[0]
    places = ops.cumsum(ops.cast(real, "int32")) - 1

    def put_back(features):
        found = ops.reshape(ops.maximum(places, 0), (batch, length))
        features = ops.reshape(features, (-1, features.shape[-1]))
        return zero_padding(ops.take(features, found, axis=0), mask)

    return ops.take(frames, kept, axis=0)[None], any_real, put_back
