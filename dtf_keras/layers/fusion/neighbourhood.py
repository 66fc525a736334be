"""Which frames look like a frame: banded similarity and the choice of the k best.

Only the 2k-1 candidates of a frame are ever scored, so time and memory grow linearly
with T. The choice is made in float32 and is not differentiated.
"""

import math
from typing import NamedTuple

from keras import ops

from dtf_keras.layers.masked.masking import gather_frames


class Neighbourhood(NamedTuple):
    """The chosen neighbours of each anchor frame.

    Attributes:
        frames: int32 `[B, A, k]`, frame indices, ascending in time, real slots first.
        slots: bool `[B, A, k]`, False where the clip has fewer than k candidates, and
            everywhere for an anchor that is padding itself.
    """

    frames: object
    slots: object


def find_neighbours(inputs, mask, window, anchors=None):
    """The `window` frames most similar to each anchor, among those near it in time.

    Frame j is a candidate of frame i iff |i-j| <= window-1 and j is a real frame. The
    score is `x_i . x_j / sqrt(D)`; on equal scores the earlier frame wins.

    Args:
        inputs: features `[B, T, D]`.
        mask: bool `[B, T]`, True = real frame.
        window: k, frames in a neighbourhood.
        anchors: int32 `[B, A]`, frames to find neighbours for; `None`: all (A = T).

    Returns:
        A `Neighbourhood` of the anchors.
    """
    mask = ops.cast(mask, "bool")
    features = ops.stop_gradient(ops.cast(inputs, "float32"))
    length = ops.shape(inputs)[1]
    if anchors is None:
        own = mask
        scores = _score_all(features, window)
        anchors = ops.arange(length, dtype="int32")[None, :]  # (1, T)
    else:
        own = gather_frames(mask, anchors)
        scores = _score_anchors(features, window, anchors)
    scores = scores / math.sqrt(inputs.shape[-1])
    offsets = ops.arange(2 * window - 1, dtype="int32") - (window - 1)
    candidates = anchors[..., None] + offsets  # (B or 1, A, 2k-1)
    inside = (candidates >= 0) & (candidates < length)
    candidates = ops.clip(candidates, 0, length - 1)
    candidates = candidates + ops.zeros_like(scores, dtype="int32")  # (B, A, 2k-1)
    real = inside & gather_frames(mask, candidates) & own[..., None]
    chosen = highest(scores, real, window)
    return _compact(chosen, candidates, window)


def highest(scores, allowed, count):
    """Marks the `count` highest allowed scores of each row; the earlier wins a tie.

    Unlike the order of `ops.top_k`, the answer does not depend on the backend.

    Args:
        scores: float32 `[..., N]`.
        allowed: bool `[..., N]`.
        count: how many to mark; rows with fewer allowed scores mark them all.

    Returns:
        bool `[..., N]`.
    """
    lowest = ops.full((), -3e38, dtype=scores.dtype)
    scores = ops.where(allowed, scores, lowest)
    best = ops.pad(
        scores, [[0, 0]] * (len(scores.shape) - 1) + [[0, count]], constant_values=-3e38
    )
    threshold = ops.top_k(best, count)[0][..., -1:]
    above = scores > threshold
    level = ops.cast(scores == threshold, "int32")
    places = count - ops.sum(ops.cast(above, "int32"), axis=-1, keepdims=True)
    ties = (level > 0) & (ops.cumsum(level, axis=-1) <= places)
    return (above | ties) & allowed


def _score_all(features, window):
    """Scores of every frame against its band: `[B, T, D]` -> `[B, T, 2k-1]`.

    Dot products are symmetric: k shifted products give all 2k-1 columns.
    """
    length = ops.shape(features)[1]
    ahead = ops.pad(features, [[0, 0], [0, window - 1], [0, 0]])
    later, earlier = [], []
    for offset in range(window):
        score = ops.sum(features * ahead[:, offset : offset + length], axis=-1)
        later.append(score)  # S[i, i + offset]
        if offset:
            shifted = ops.pad(score, [[0, 0], [offset, 0]])[:, :length]
            earlier.append(shifted)  # S[i, i - offset]
    return ops.stack(earlier[::-1] + later, axis=-1)


def _score_anchors(features, window, anchors):
    """Scores of each anchor against its band: int `[B, A]` -> `[B, A, 2k-1]`."""
    last = ops.shape(features)[1] - 1
    own = gather_frames(features, anchors)
    return ops.stack(
        [
            ops.sum(
                own * gather_frames(features, ops.clip(anchors + offset, 0, last)),
                axis=-1,
            )
            for offset in range(1 - window, window)
        ],
        axis=-1,
    )


def _compact(chosen, candidates, window):
    """The chosen candidates in time order: slot s holds the s-th chosen one."""
    rank = ops.cumsum(ops.cast(chosen, "int32"), axis=-1)  # (B, A, 2k-1), from 1
    slot = ops.arange(1, window + 1, dtype="int32")
    fills = ops.logical_and(rank[..., None] == slot, chosen[..., None])
    frames = ops.sum(
        ops.where(fills, candidates[..., None], ops.zeros((), dtype="int32")), axis=-2
    )
    slots = slot <= rank[..., -1:]
    return Neighbourhood(ops.cast(frames, "int32"), slots)
