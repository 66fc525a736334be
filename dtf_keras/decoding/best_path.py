"""Greedy (best path) CTC decoding."""

import numpy as np
from keras import ops

BLANK = 0


def greedy(logits, num_steps=None):
    """Decodes the most probable class of each step.

    Repeats are merged, then blanks (class 0) are dropped. A zoo model makes
    blank certain on padded steps, so its logits decode rightly without
    `num_steps`.

    Args:
        logits: `[B, T', V]` float, class 0 is blank.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.

    Returns:
        List of B lists of class ids (int), each `1 <= id < V`.

    Raises:
        ValueError: `logits` is not of rank 3 or holds NaN within the steps of a clip,
            or `num_steps` does not fit it.

    Example:

    >>> path = [1, 1, 0, 1, 2]
    >>> greedy(np.eye(3)[None, path])
    [[1, 1, 2]]
    >>> greedy(np.eye(3)[None, path], num_steps=[3])
    [[1]]
    """
    logits, num_steps = checked(logits, num_steps)
    num_clips, length, _ = logits.shape
    if not num_clips or not length:
        return [[] for _ in range(num_clips)]
    decoded, _ = ops.ctc_decode(
        ops.convert_to_tensor(logits),
        ops.convert_to_tensor(num_steps),
        strategy="greedy",
        merge_repeated=True,
        mask_index=BLANK,
    )
    # [1, B, T'], the free places at the end of each row hold -1.
    rows = ops.convert_to_numpy(decoded)[0]
    return [[int(i) for i in row if i >= 0] for row in rows]


def checked(logits, num_steps):
    """Logits and their valid steps, as numpy arrays that can be decoded.

    Args:
        logits: `[B, T', V]` float, class 0 is blank.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.

    Returns:
        `[B, T', V]`, and int32 `[B]`.

    Raises:
        ValueError: `logits` is not of rank 3 or holds NaN within the steps of a clip,
            or `num_steps` does not fit it.
    """
    if len(logits.shape) != 3:
        raise ValueError(
            f"logits have the shape {tuple(logits.shape)}: expected [B, T', V]; "
            "for one clip give logits[None]."
        )
    logits = np.asarray(ops.convert_to_numpy(logits))
    num_clips, length, _ = logits.shape
    num_steps = valid_steps(num_steps, num_clips, length)
    valid = np.arange(length) < num_steps[:, None]  # (B, T')
    broken = valid & ~np.isfinite(logits.max(axis=-1, initial=-np.inf))
    if broken.any():
        clip, step = np.argwhere(broken)[0]
        raise ValueError(
            f"The logits of clip {clip} of the batch are NaN or infinite at step "
            f"{step}: there is nothing to decode. The model has diverged, or its "
            "input is not finite."
        )
    return logits, num_steps


def valid_steps(num_steps, num_clips, length):
    """`num_steps` as int32 `[B]`, checked; all `length` steps if `None`."""
    if num_steps is None:
        return np.full(num_clips, length, "int32")
    num_steps = np.asarray(ops.convert_to_numpy(num_steps))
    whole = num_steps.dtype.kind in "iu" or not num_steps.size
    if num_steps.shape != (num_clips,) or not whole:
        raise ValueError(
            f"num_steps has the shape {num_steps.shape} and dtype {num_steps.dtype}: "
            f"expected one whole number of valid steps for each of the {num_clips} "
            "clips."
        )
    if num_clips and (num_steps.min() < 0 or num_steps.max() > length):
        raise ValueError(
            f"num_steps reaches from {num_steps.min()} to {num_steps.max()}: "
            f"expected 0 to {length}, the steps of the logits."
        )
    return num_steps.astype("int32")
