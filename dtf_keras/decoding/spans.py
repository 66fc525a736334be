"""When each gloss of the greedy path is signed, in output steps."""

import itertools
from dataclasses import dataclass

import numpy as np
from keras import ops

from dtf_keras.decoding.best_path import BLANK, checked


@dataclass(frozen=True)
class Span:
    """One decoded gloss: output steps `start <= t < stop` of a path through them."""

    class_id: int
    start: int
    stop: int
    probability: float  # mean over the steps that emit it, 0 to 1


def step_probabilities(logits):
    """Probability of each class at each step.

    Args:
        logits: `[..., T', V]` float.

    Returns:
        `[..., T', V]` float32 numpy array that sums to 1 over V.
    """
    logits = np.asarray(ops.convert_to_numpy(logits), "float64")
    logits = logits - logits.max(axis=-1, keepdims=True)
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(axis=-1, keepdims=True)).astype("float32")


def greedy_spans(logits, num_steps=None):
    """The glosses of `greedy` with the steps they take.

    CTC is trained to place a gloss somewhere inside the sign, often on one step
    only: a span says where the model decides, not where the sign begins and ends.

    Args:
        logits: `[B, T', V]` float, class 0 is blank.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.

    Returns:
        List of B lists of `Span`, in the order of time.

    Raises:
        ValueError: as `greedy`.
    """
    logits, num_steps = checked(logits, num_steps)
    return [_runs(row[:steps]) for row, steps in zip(logits, num_steps, strict=True)]


def merge_repeated(spans):
    """Makes each run of equal glosses one span, from its first step to its last.

    The source project did this to what it recognized. What is truly signed twice is
    lost.

    Args:
        spans: list of `Span` of one clip, in the order of time.

    Returns:
        List of `Span`; the probability is the mean over the steps of the parts.
    """
    merged = []
    for class_id, run in itertools.groupby(spans, lambda span: span.class_id):
        run = list(run)
        probability = np.average(
            [span.probability for span in run],
            weights=[span.stop - span.start for span in run],
        )
        merged.append(Span(class_id, run[0].start, run[-1].stop, float(probability)))
    return merged


def _runs(logits):
    if not len(logits):
        return []
    path = logits.argmax(axis=-1)  # [T']
    best = step_probabilities(logits).max(axis=-1)
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    stops = np.append(starts[1:], len(path))
    return [
        Span(int(path[a]), int(a), int(b), float(best[a:b].mean()))
        for a, b in zip(starts, stops, strict=True)
        if path[a] != BLANK
    ]
