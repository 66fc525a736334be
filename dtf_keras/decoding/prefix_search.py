"""CTC prefix beam search, with an optional language model of glosses."""

import itertools
from dataclasses import dataclass

import numpy as np

from dtf_keras.decoding.beam import Beam
from dtf_keras.decoding.best_path import BLANK
from dtf_keras.decoding.forced_alignment import spans_of
from dtf_keras.decoding.log_probabilities import clip_log_probabilities, largest
from dtf_keras.decoding.options import check_beam
from dtf_keras.decoding.prefixes import NOBODY
from dtf_keras.decoding.spans import Span, merge_repeated


@dataclass(frozen=True)
class Hypothesis:
    """A gloss sequence that the logits of one clip may mean."""

    class_ids: list[int]
    log_probability: float
    """Natural logarithm of the sequence's CTC probability: the sum over the paths that
    the beam kept, so at most the exact value."""
    score: float
    """What hypotheses are ranked by: `log_probability`, plus `alpha` times the language
    model's log-probability, plus `beta` a gloss."""
    spans: list[Span]
    """The steps of each gloss on the most probable path (`align`)."""


def beam_search(
    logits,
    num_steps=None,
    width=10,
    top=None,
    num_best=1,
    language_model=None,
    alpha=0.5,
    beta=0.0,
    merge_repeated_glosses=False,
):
    """Decodes the most probable gloss sequences, each summed over its paths.

    Keeps the `width` best prefixes after each step. A clip decodes to the same alone
    and in any batch; of equal scores the sequence with the lower class ids is better.

    Args:
        logits: `[B, T', V]` float, class 0 is blank. Those of a zoo model need no
            `num_steps`.
        num_steps: `[B]` int, valid steps of each clip; all T' if `None`.
        width: prefixes kept a clip.
        top: glosses that may follow a prefix, the most probable ones of each step. If
            `None`, all those that can matter: the result is that of all V classes.
        num_best: hypotheses returned a clip, at most `width`.
        language_model: `NGramLanguageModel`, or any object with its four methods.
        alpha: weight of the language model's log-probability in the score.
        beta: added to the score for each gloss, against the language model's and CTC's
            preference for short sequences.
        merge_repeated_glosses: make equal neighbours one gloss in the end, as several
            published networks are scored. It loses what is truly signed twice. The
            numbers stay those of the unmerged hypothesis.

    Returns:
        List of B lists of 1 to `num_best` `Hypothesis`, the best first. A clip without
        steps has the empty one.

    Raises:
        ValueError: `logits` or `num_steps` do not fit or hold NaN, or a setting is no
            number or not positive.

    References: Graves, 2012; Hannun et al., 2014 (https://arxiv.org/abs/1408.2873).

    Example:

    >>> logits = np.log([[[0.4, 0.3, 0.3], [0.4, 0.5, 0.1]]])
    >>> [h.class_ids for h in beam_search(logits, num_best=3)[0]]
    [[1], [2], []]
    """
    check_beam(width=width, top=top, num_best=num_best, alpha=alpha, beta=beta)
    width, num_best = int(width), int(num_best)
    if num_best > width:
        raise ValueError(
            f"num_best is {num_best} and width {width}: a beam has at most as many "
            "hypotheses as it is wide."
        )
    log_probs, steps = clip_log_probabilities(logits, num_steps)
    beam = Beam(len(log_probs), width, language_model, alpha, beta)
    # A prefix loses at most the class it ends in and those that lead to prefixes which
    # are kept anyway and score more: `width` new ones need `width + 1` classes.
    if top is None and language_model is None:
        top = width + 1
    top = top and int(top)
    order = _search(beam, log_probs, steps, top)
    best = _ranked(beam, num_best, merge_repeated_glosses)
    hypotheses = [[] for _ in log_probs]
    clips = [clip for row, clip in enumerate(order) for _ in best[row]]
    found = [hypothesis for row in best for hypothesis in row]
    spans = spans_of(log_probs, steps, clips, [ids for ids, _, _ in found])
    for clip, (ids, log_probability, score), row in zip(
        clips, found, spans, strict=True
    ):
        if merge_repeated_glosses:
            row = merge_repeated(row)
            ids = [span.class_id for span in row]
        hypotheses[clip].append(Hypothesis(ids, log_probability, score, row))
    return hypotheses


def _search(beam, log_probs, steps, top):
    """Runs the beam over all steps; returns the clip of each of its rows."""
    # The longest clip first: at any step those still running are the first n.
    order = np.argsort(-steps, kind="stable")
    num_glosses = log_probs.shape[2] - 1
    top = num_glosses if top is None else min(top, num_glosses)
    for step in range(steps.max(initial=0)):
        running = order[: np.count_nonzero(steps > step)]
        now = log_probs[running, step]
        beam.advance(now, largest(now[:, BLANK + 1 :], top) + BLANK + 1)
    return order.tolist()


def _ranked(beam, num_best, merge_repeated_glosses):
    """The best `(class_ids, log_probability, score)` of each row of the beam."""
    log_totals, scores = beam.scores()
    ranked = []
    for nodes, log_total, score in zip(beam.node, log_totals, scores, strict=True):
        row = [
            (beam.prefixes.class_ids(node), float(log_total[i]), float(score[i]))
            for i, node in enumerate(nodes)
            if node != NOBODY
        ]
        row.sort(key=lambda found: (-found[2], found[0]))
        if merge_repeated_glosses:
            first = {}
            for found in row:
                merged = tuple(class_id for class_id, _ in itertools.groupby(found[0]))
                first.setdefault(merged, found)
            row = list(first.values())
        ranked.append(row[:num_best])
    return ranked
