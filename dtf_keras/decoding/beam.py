"""The beam of a prefix search: the best gloss sequences of each clip up to a step."""

import numpy as np

from dtf_keras.decoding.best_path import BLANK
from dtf_keras.decoding.log_probabilities import largest
from dtf_keras.decoding.prefixes import NO_PARENT, NOBODY, Prefixes


class Beam:
    """The `width` best prefixes of each of B clips, all clips at once.

    A prefix has two probabilities, for paths that end in blank and for paths that end
    in its last gloss; equal prefixes are one (Hannun et al., 2014). A place without a
    prefix has the node `NOBODY` and the log-probabilities -inf.

    Attributes, all `[B, width]`:
        node: node in `prefixes`.
        log_blank, log_gloss: log-probability of the prefix's paths by their ending.
        prior: what the language model and the gloss bonus add to the score.
    """

    def __init__(self, num_clips, width, language_model=None, alpha=0.0, beta=0.0):
        shape = num_clips, width
        self.language_model, self.alpha, self.beta = language_model, alpha, beta
        self.prefixes = Prefixes(num_clips, language_model)
        self.node = np.full(shape, NOBODY)
        self.node[:, 0] = np.arange(num_clips)
        self._parent = np.full(shape, NO_PARENT)
        self._last = np.full(shape, BLANK)
        self.log_blank = np.full(shape, -np.inf)
        self.log_blank[:, 0] = 0.0
        self.log_gloss = np.full(shape, -np.inf)
        self.prior = np.zeros(shape)

    def advance(self, log_probs, classes):
        """Reads one step of the first n clips; the others have ended.

        Args:
            log_probs: `[n, V]` log-probabilities of the step.
            classes: `[n, K]` class ids that may extend a prefix, ascending.
        """
        n, width = len(log_probs), self.node.shape[1]
        rows = np.arange(n)[:, None]
        last, node, prior = self._last[:n], self.node[:n], self.prior[:n]
        blank = self.log_blank[:n]
        total = np.logaddexp(blank, self.log_gloss[:n])
        stay_blank = total + log_probs[:, BLANK, None]
        stay_gloss = self.log_gloss[:n] + log_probs[rows, last]

        gloss_log_probs = log_probs[rows, classes]
        longer = total[..., None] + gloss_log_probs[:, None]  # (n, width, K)
        # The same gloss again is a new one only after a blank.
        again = classes[:, None] == last[..., None]
        clip, slot, place = np.unravel_index(np.flatnonzero(again), again.shape)
        longer[clip, slot, place] = blank[clip, slot] + gloss_log_probs[clip, place]
        self._join(log_probs, classes, longer, stay_gloss)
        added = np.broadcast_to(self._added_prior(classes), longer.shape)
        longer += prior[..., None]
        longer += added
        stay = np.logaddexp(stay_blank, stay_gloss) + prior
        score = np.concatenate([stay, longer.reshape(n, -1)], axis=1)

        chosen = largest(score, width)
        alive = score[rows, chosen] > -np.inf
        stays = chosen < width
        source, place = np.divmod(chosen - width, classes.shape[1])
        source = np.where(stays, chosen, source)
        here = rows, source
        gloss = classes[rows, place]
        before = np.where(gloss == last[here], blank[here], total[here])
        grown = before + log_probs[rows, gloss]
        added = np.where(stays, 0.0, added[rows, source, place])
        parent = np.where(stays, self._parent[here], node[here])
        self._parent[:n] = np.where(alive, parent, NO_PARENT)
        self.log_blank[:n] = np.where(stays, stay_blank[here], -np.inf)
        self.log_gloss[:n] = np.where(stays, stay_gloss[here], grown)
        self.prior[:n] = prior[here] + added
        self._last[:n] = np.where(stays, last[here], gloss)
        self.node[:n] = np.where(alive, node[here], NOBODY)
        new = np.nonzero(alive & ~stays)
        pairs = zip(self.node[new].tolist(), self._last[new].tolist(), strict=True)
        self.node[new] = [self.prefixes.extend(*pair) for pair in pairs]

    def _join(self, log_probs, classes, longer, stay_gloss):
        """Adds an extension that is itself in the beam to that prefix, in place."""
        n = len(log_probs)
        last, blank = self._last[:n], self.log_blank[:n]
        clip, shorter, whole = np.nonzero(
            self.node[:n, :, None] == self._parent[:n, None, :]
        )
        gloss = last[clip, whole]
        gloss_paths = np.where(
            last[clip, shorter] == gloss, -np.inf, self.log_gloss[clip, shorter]
        )
        before = np.logaddexp(blank[clip, shorter], gloss_paths)
        stay_gloss[clip, whole] = np.logaddexp(
            stay_gloss[clip, whole], before + log_probs[clip, gloss]
        )
        pair, place = np.nonzero(classes[clip] == gloss[:, None])
        longer[clip[pair], shorter[pair], place] = -np.inf

    def _added_prior(self, classes):
        """What each class adds to a prefix's `prior`: `[n, width, K]` or a number."""
        if self.language_model is None:
            return self.beta
        nodes, states = self.node[: len(classes)], self.prefixes.states
        scores = np.stack([self.language_model.scores(states[i]) for i in nodes.flat])
        scores = scores.reshape(*nodes.shape, -1)  # (n, width, V)
        if classes.shape[1] == scores.shape[2] - 1:  # all glosses
            scores = scores[..., BLANK + 1 :]
        else:
            scores = np.take_along_axis(scores, classes[:, None], axis=2)
        return self.alpha * scores + self.beta

    def scores(self):
        """Log-probability and score of each prefix as a whole clip: `[B, width]`."""
        log_total = np.logaddexp(self.log_blank, self.log_gloss)
        score = log_total + self.prior
        if self.language_model is not None:
            states = self.prefixes.states
            ends = [self.language_model.end_score(states[i]) for i in self.node.flat]
            score += self.alpha * np.reshape(ends, score.shape)
        return log_total, score
