"""When each gloss of a given sequence is signed: the best CTC path that spells it."""

import itertools

import numpy as np

from dtf_keras.decoding.best_path import BLANK
from dtf_keras.decoding.log_probabilities import clip_log_probabilities
from dtf_keras.decoding.spans import Span


def align(logits, class_ids, num_steps=None):
    """Forced alignment: places given glosses on the steps of each clip.

    Of all paths that spell the glosses the most probable one is taken (Viterbi). The
    span of a gloss covers the steps on which this path emits it; its probability is
    the mean over those steps of the gloss' probability, a confidence in 0 to 1.

    Args:
        logits: `[B, T', V]` float, class 0 is blank.
        class_ids: list of B lists of class ids, recognized or from a reference.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.

    Returns:
        List of B lists of `Span`, one a gloss.

    Raises:
        ValueError: the glosses of a clip do not fit into its steps, are no classes of
            the logits or have the probability 0; or as `beam_search` does.

    Example:

    >>> logits = np.log(0.1 + np.eye(3)[None, [1, 1, 0, 2]])
    >>> [(span.start, span.stop) for span in align(logits, [[1, 2]])[0]]
    [(0, 2), (3, 4)]
    """
    log_probs, steps = clip_log_probabilities(logits, num_steps)
    num_clips, _, num_classes = log_probs.shape
    if len(class_ids) != num_clips:
        raise ValueError(
            f"There are {len(class_ids)} lists of class ids and {num_clips} clips: "
            "give one list for each clip."
        )
    for clip, (ids, length) in enumerate(zip(class_ids, steps, strict=True)):
        wrong = [i for i in ids if not BLANK < i < num_classes]
        if wrong:
            raise ValueError(
                f"Class {wrong[0]} of clip {clip} of the batch is no gloss of the "
                f"logits: expected 1 to {num_classes - 1}."
            )
        needed = len(ids) + sum(a == b for a, b in itertools.pairwise(ids))
        if needed > length:
            raise ValueError(
                f"Clip {clip} of the batch has {length} output steps that can hold a "
                f"gloss and its {len(ids)} glosses need {needed}: one each, and one "
                "between equal neighbours."
            )
    return spans_of(log_probs, steps, range(num_clips), class_ids)


def spans_of(log_probs, steps, clips, class_ids):
    """`Span`s of N gloss sequences that fit, several of which may be of one clip.

    Args:
        log_probs: `[B, T', V]` log-probabilities.
        steps: `[B]` int, steps of each clip.
        clips: N ints, the clip of each sequence.
        class_ids: list of N lists of class ids.

    Returns:
        List of N lists of `Span`.
    """
    clips = np.asarray(clips, int)
    if not len(clips) or not steps.max():
        return [[] for _ in clips]
    steps = steps[clips]
    labels = _with_blanks(class_ids)
    emitted = log_probs[
        clips[:, None, None], np.arange(steps.max())[:, None], labels[:, None]
    ]  # (N, T', 2L + 1)
    paths = _best_paths(emitted, labels, steps, [len(ids) for ids in class_ids], clips)
    spans = []
    for row, (ids, path) in enumerate(zip(class_ids, paths, strict=True)):
        states = 2 * np.arange(len(ids)) + 1
        starts = np.searchsorted(path[: steps[row]], states, "left").tolist()
        stops = np.searchsorted(path[: steps[row]], states, "right").tolist()
        spans.append(
            [
                Span(class_id, a, b, float(np.exp(emitted[row, a:b, 2 * i + 1]).mean()))
                for i, (class_id, a, b) in enumerate(
                    zip(ids, starts, stops, strict=True)
                )
            ]
        )
    return spans


def _with_blanks(class_ids):
    """The states of the alignment: blank, gloss, blank, ..., `[N, 2L + 1]`."""
    most = max(map(len, class_ids))
    labels = np.full((len(class_ids), 2 * most + 1), BLANK)
    for row, ids in enumerate(class_ids):
        labels[row, 1 : 2 * len(ids) + 1 : 2] = ids
    return labels


def _best_paths(emitted, labels, steps, num_glosses, clips):
    """The state of each step on the best path: `[N, T']`; past a row's steps, any."""
    num_rows, length, _ = emitted.shape
    rows = np.arange(num_rows)
    # The blank between two glosses may be left out if they differ.
    skips = np.zeros(labels.shape, bool)
    skips[:, 2:] = (labels[:, 2:] != BLANK) & (labels[:, 2:] != labels[:, :-2])
    score = np.full(labels.shape, -np.inf)
    score[:, :2] = emitted[:, 0, :2]
    came = np.zeros(emitted.shape, "int8")  # states moved forward on entering a step
    final = score.copy()
    for step in range(1, length):
        moves = np.full((3, *score.shape), -np.inf)
        moves[0] = score
        moves[1, :, 1:] = score[:, :-1]
        moves[2, :, 2:] = np.where(skips[:, 2:], score[:, :-2], -np.inf)
        came[:, step] = moves.argmax(axis=0)
        score = moves.max(axis=0) + emitted[:, step]
        final = np.where(steps[:, None] > step, score, final)
    # A path ends in the last gloss or in the blank after it.
    end = 2 * np.asarray(num_glosses)
    before = np.maximum(end - 1, 0)
    state = np.where(final[rows, end] > final[rows, before], end, before)
    impossible = (final[rows, state] == -np.inf) & (steps > 0)
    if impossible.any():
        raise ValueError(
            f"The glosses of clip {clips[impossible.argmax()]} of the batch have the "
            "probability 0: no path of its logits spells them."
        )
    paths = np.zeros((num_rows, length), int)
    for step in reversed(range(length)):
        paths[:, step] = state
        moved = state - came[rows, step, state]
        state = np.where(step < steps, moved, state)
    return paths
