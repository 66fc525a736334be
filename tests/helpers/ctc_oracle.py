"""CTC by the book, slow and plain: what the decoders must agree with."""

import itertools

import numpy as np


def log_softmax(logits):
    logits = np.asarray(logits, "float64")
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def collapse(path):
    """The gloss sequence that a path of classes spells."""
    return tuple(c for c, _ in itertools.groupby(path) if c)


def all_paths(logits):
    """Every path of one clip `[T', V]` with its log-probability."""
    log_probs = log_softmax(logits)
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        yield path, sum(row[c] for row, c in zip(log_probs, path, strict=True))


def all_sequences(logits):
    """Log-probability of every gloss sequence of one clip: `{sequence: float}`."""
    found = {}
    for path, log_prob in all_paths(logits):
        sequence = collapse(path)
        found[sequence] = np.logaddexp(found.get(sequence, -np.inf), log_prob)
    return found


def textbook_beam_search(logits, width, prior=lambda prefix: 0.0):
    """Prefix beam search over one clip with dicts and probabilities, all classes.

    `prior(prefix)` is added to a prefix's log-probability when prefixes are ranked.
    Returns a list of (tuple of class ids, log-probability), the best first.
    """
    beam = {(): (1.0, 0.0)}  # prefix: probability of paths ending in blank, in gloss
    for probabilities in np.exp(log_softmax(logits)):
        grown = {}
        for prefix, (blank, gloss) in beam.items():
            for c, p in enumerate(probabilities):
                same = bool(prefix) and c == prefix[-1]
                shares = []
                if c == 0:
                    shares.append((prefix, (blank + gloss) * p, 0.0))
                else:
                    before = blank if same else blank + gloss
                    shares.append(((*prefix, c), 0.0, before * p))
                if same:
                    shares.append((prefix, 0.0, gloss * p))
                for key, to_blank, to_gloss in shares:
                    a, b = grown.get(key, (0.0, 0.0))
                    grown[key] = a + to_blank, b + to_gloss
        possible = (key for key in grown if sum(grown[key]) > 0)
        score = {key: np.log(sum(grown[key])) + prior(key) for key in possible}
        best = sorted(score, key=score.get, reverse=True)[:width]
        beam = {key: grown[key] for key in best}
    return [(key, float(np.log(sum(beam[key])))) for key in beam]
