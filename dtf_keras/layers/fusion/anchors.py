"""Which frames are kept: a sample of them, or one for each distinct neighbourhood."""

import functools

import keras
import numpy as np
from keras import ops

from dtf_keras.layers.masked.masking import mask_to_lengths

_TABLED_FRAMES = 4096


def sample_count(length, rate=4):
    """Anchor slots for an axis of `length` frames: `length // rate`, at least one."""
    if isinstance(length, int):
        return max(length // rate, 1)
    return ops.maximum(length // rate, 1)


def random_anchors(mask, seed, rate=4, shared=False):
    """`n // rate` real frames of each clip, drawn uniformly without replacement.

    Args:
        mask: bool `[B, T]`, True = real frame.
        seed: a `keras.random.SeedGenerator`.
        rate: one anchor for so many real frames n.
        shared: one draw for the batch, so that clips of one length keep the same
            frames.

    Returns:
        int32 `[B, A]`, ascending; slots past a clip's own anchors hold frame 0.
    """
    batch, length = ops.shape(mask)
    rows = 1 if shared else batch
    noise = keras.random.uniform((rows, length), dtype="float32", seed=seed)
    order = ops.argsort(ops.where(mask, noise, 2.0), axis=-1)
    drawn = ops.cast(order[:, : sample_count(length, rate)], "int32")
    real = anchor_mask(mask, rate)
    drawn = ops.sort(ops.where(real, drawn, length), axis=-1)
    return ops.where(real, drawn, 0)


def spaced_anchors(mask, rate=4):
    """`int(linspace(0, n - 1, n // rate))` of each clip, exactly as numpy gives them.

    Integer division gives the same frames except where the float64 product falls just
    below a whole number; those places (lengths up to 4096) come from a table made with
    numpy, so the answer is the same on every backend and device.

    Args:
        mask: bool `[B, T]`, True = real frame; n = real frames of a clip.
        rate: one anchor for so many real frames.

    Returns:
        int32 `[B, A]`, ascending; slots past a clip's own anchors hold frame 0.
    """
    lengths = mask_to_lengths(mask)[:, None]  # (B, 1)
    counts = lengths // rate
    slots = ops.arange(sample_count(ops.shape(mask)[1], rate), dtype="int32")[None]
    frames = slots * (lengths - 1) // ops.maximum(counts - 1, 1)
    code = lengths * _TABLED_FRAMES + ops.minimum(slots, _TABLED_FRAMES - 1)
    frames = frames - ops.cast(_is_listed(code, _rounded_down(rate)), "int32")
    return ops.where(slots < counts, frames, 0)


def spaced_frames(num_frames, rate=4):
    """What `spaced_anchors` gives for a clip: int64 `[num_frames // rate]`."""
    return np.linspace(0, num_frames - 1, num_frames // rate).astype("int64")


def anchor_mask(mask, rate=4):
    """Mask of the sampled axis: bool `[B, T]` -> bool `[B, A]`, `n // rate` real."""
    slots = ops.arange(sample_count(ops.shape(mask)[1], rate), dtype="int32")
    return slots[None, :] < (mask_to_lengths(mask) // rate)[:, None]


def first_of_each_key(neighbourhood, mask, window):
    """The first frame of each distinct neighbourhood, compacted to the front.

    The key of a set is (sum, sum of squares) of its indices: the mean and the standard
    deviation of the source, exactly. Frames further apart than 2(window-1) cannot share
    a mean, so each frame is compared with that many earlier ones only.

    Args:
        neighbourhood: the `Neighbourhood` of all frames, `[B, T, k]`.
        mask: bool `[B, T]`, True = real frame.
        window: k.

    Returns:
        int32 `[B, T]` kept frames, ascending, then zeros; bool `[B, T]` their mask.
    """
    # Relative to its own frame an index fits in few bits, whatever the clip's length.
    length = ops.shape(mask)[1]
    steps = ops.arange(length, dtype="int32")
    zero = ops.zeros((), dtype="int32")
    seen = ops.zeros_like(mask)
    count = ops.sum(ops.cast(neighbourhood.slots, "int32"), axis=-1)
    relative = neighbourhood.frames - steps[None, :, None]
    relative = ops.where(neighbourhood.slots, relative, zero)
    first = ops.sum(relative, axis=-1)  # (B, T), sum of (j - i)
    second = ops.sum(relative * relative, axis=-1)
    for back in range(1, 2 * window - 1):
        # The same set seen from `back` frames earlier: sum of (j - i + back) and so on.
        same = ops.logical_and(
            _earlier(first, back) == first + back * count,
            _earlier(second, back) == second + 2 * back * first + back * back * count,
        )
        same = ops.logical_and(same, _earlier(count, back) == count)
        same = ops.logical_and(same, steps[None, :] >= back)
        seen = ops.logical_or(seen, same)
    kept = ops.logical_and(mask, ops.logical_not(seen))
    frames = ops.sort(ops.where(kept, steps[None, :], length), axis=-1)
    real = frames < length
    return ops.where(real, frames, zero), real


def _is_listed(codes, table):
    """Whether each code, int32 and at least 0, is in the ascending table from 0 up.

    A binary search by hand: `ops.searchsorted` has no counterpart in ONNX.
    """
    last = len(table) - 1
    table = ops.convert_to_tensor(table)
    place = ops.zeros_like(codes)
    for bit in reversed(range(last.bit_length())):
        probe = ops.minimum(place + 2**bit, last)
        place = ops.where(ops.take(table, probe, axis=0) <= codes, probe, place)
    return ops.take(table, place, axis=0) == codes


def _earlier(x, back):
    return ops.pad(x, [[0, 0], [back, 0]])[:, : ops.shape(x)[1]]


@functools.cache
def _rounded_down(rate):
    """Codes `n * 4096 + slot` where numpy's linspace truncates to one frame less."""
    codes = [0]
    for n in range(2 * rate, _TABLED_FRAMES):
        count = n // rate
        exact = np.arange(count, dtype=np.int64) * (n - 1) // (count - 1)
        numpy_frames = np.linspace(0, n - 1, count).astype(np.int64)
        (slots,) = np.nonzero(exact - numpy_frames == 1)
        codes.extend(n * _TABLED_FRAMES + slots)
    return np.asarray(codes, dtype=np.int32)
