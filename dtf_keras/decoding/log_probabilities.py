"""What beam search and alignment read: log-probabilities, and the steps that matter."""

import numpy as np
from keras import ops

from dtf_keras.decoding.best_path import BLANK, checked
from dtf_keras.layers.heads.blank_padding import IMPOSSIBLE


def log_probabilities(logits):
    """Natural logarithm of the probability of each class at each step.

    Args:
        logits: `[..., T', V]` float.

    Returns:
        `[..., T', V]` float64 numpy array. A class that `BlankPadding` rules out has
        the log-probability -inf.
    """
    # A copy, which the lines below then change in place.
    logits = np.array(ops.convert_to_numpy(logits), "float64")
    logits -= logits.max(axis=-1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    logits[logits <= IMPOSSIBLE / 2] = -np.inf
    return logits


def clip_log_probabilities(logits, num_steps=None):
    """Checked log-probabilities of a batch, and how many steps of each clip matter.

    Args:
        logits: `[B, T', V]` float, class 0 is blank.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.

    Returns:
        Log-probabilities `[B, T', V]` (float64) and steps `[B]` (int). Steps at the end
        of a clip where blank is certain, as on the padded steps of a zoo model, do not
        count: they change no decoding.

    Raises:
        ValueError: `logits` is not of rank 3 or holds NaN within the steps of a clip,
            or `num_steps` does not fit it.
    """
    logits, num_steps = checked(logits, num_steps)
    num_clips, length, _ = logits.shape
    if not num_clips or not length:
        return np.zeros(logits.shape), num_steps
    with np.errstate(invalid="ignore"):  # steps past a clip's own may hold anything
        log_probs = log_probabilities(logits)
    valid = np.arange(length) < num_steps[:, None]  # (B, T')
    gloss_possible = valid & (log_probs[..., BLANK + 1 :] > -np.inf).any(axis=-1)
    return log_probs, (np.arange(1, length + 1) * gloss_possible).max(axis=-1)


def largest(scores, count):
    """Where the `count` largest scores are, the first ones of equal scores.

    Args:
        scores: `[..., N]` float without NaN.
        count: int, 1 or more.

    Returns:
        `[..., min(count, N)]` int, indices in ascending order.
    """
    size = scores.shape[-1]
    if count >= size:
        return np.broadcast_to(np.arange(size), scores.shape)
    last = np.partition(scores, size - count, axis=-1)[..., size - count, None]
    chosen = scores >= last
    if np.count_nonzero(chosen) > last.size * count:  # equal scores at the border
        above, equal = scores > last, scores == last
        room = count - above.sum(axis=-1, keepdims=True)
        chosen = above | (equal & (equal.cumsum(axis=-1) <= room))
    return (np.flatnonzero(chosen) % size).reshape(*scores.shape[:-1], count)
