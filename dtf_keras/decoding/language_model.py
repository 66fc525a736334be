"""N-gram language model of glosses, asked one gloss after another by a beam search."""

import functools
import math

import numpy as np

from dtf_keras.decoding.arpa import read_arpa
from dtf_keras.words import composed, quoted

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
KEPT_SCORES = 4096  # histories whose scores stay in memory, V float64 each


class NGramLanguageModel:
    """A backoff n-gram model over the class ids of a recognizer.

    All scores are natural logarithms. A state stands for the glosses so far: as many
    of the last ones, at most n - 1, as the model has n-grams for.

    Args:
        orders: n-grams as `read_arpa` returns them; the words `<s>` and `</s>` begin
            and end a clip.
        glosses: sequence of strings, `glosses[i]` is class `i + 1`. Those the model
            does not know are scored as its `<unk>`.

    Raises:
        ValueError: the model has no `</s>`, knows no gloss at all, or does not know
            some and has no `<unk>`.

    References: Katz, 1987; the ARPA format.
    """

    def __init__(self, orders, glosses):
        known = {words[0] for words in orders[0]}
        unknown = next((w for w in (UNKNOWN, UNKNOWN.upper()) if w in known), None)
        if END not in known:
            raise ValueError(f"the model has no {END}: it cannot score whole clips.")
        self.unknown_glosses = [gloss for gloss in glosses if gloss not in known]
        """Glosses (strings) that are scored as `<unk>`."""
        if len(self.unknown_glosses) == len(glosses):
            raise ValueError(
                f"the model knows none of the {len(glosses)} glosses, "
                f"{quoted(glosses[0])} first: it is one of another vocabulary, or "
                "writes them otherwise."
            )
        if self.unknown_glosses and unknown is None:
            raise ValueError(
                f"the model lacks {len(self.unknown_glosses)} of the {len(glosses)} "
                f"glosses, {quoted(self.unknown_glosses[0])} first, and has no "
                f"{UNKNOWN}: estimate it on this vocabulary, or with an {UNKNOWN}."
            )
        # Class 0, blank, is never asked for: its place is that of the unknown word.
        self._words = [unknown] + [g if g in known else unknown for g in glosses]
        self.order = len(orders)
        places = {}
        for class_id, word in enumerate(self._words):
            places.setdefault(word, []).append(class_id)
        self._backoff, self._ends, followers = {(): 0.0}, {}, {(): ([], [])}
        to_natural = math.log(10.0)
        for words, (log10, weight) in (i for ngrams in orders for i in ngrams.items()):
            history, word = words[:-1], words[-1]
            ids, scores = followers.setdefault(history, ([], []))
            for class_id in places.get(word, ()):
                ids.append(class_id)
                scores.append(log10 * to_natural)
            if word == END:
                self._ends[history] = log10 * to_natural
            if len(words) < self.order:
                self._backoff[words] = weight * to_natural
        self._followers = {
            history: (np.array(ids, int), np.array(scores))
            for history, (ids, scores) in followers.items()
        }
        self._kept_scores = functools.lru_cache(KEPT_SCORES)(self._scores)

    @classmethod
    def from_arpa(cls, path, glosses):
        """The model in an ARPA file (`read_arpa`), for the glosses of a vocabulary.

        Raises:
            FileNotFoundError: no such file.
            ValueError: as the constructor and `read_arpa` do, naming the file.
        """
        orders = read_arpa(path)
        try:
            return cls(orders, [composed(gloss) for gloss in glosses])
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def start(self):
        """The state before the first gloss of a clip."""
        return self._known((BEGIN,))

    def advance(self, state, class_id):
        """The state after one more gloss."""
        return self._known((*state, self._words[class_id]))

    def scores(self, state):
        """Log-probability of each class as the next gloss: `[V]` float64, read-only.

        The value of class 0, blank, means nothing.
        """
        return self._kept_scores(state)

    def end_score(self, state):
        """Log-probability that the clip ends here."""
        backoff = 0.0
        while state not in self._ends:
            backoff += self._backoff.get(state, 0.0)
            state = state[1:]
        return backoff + self._ends[state]

    def score(self, class_ids):
        """Log-probability of a whole clip, its end included.

        Args:
            class_ids: list of class ids.
        """
        state, total = self.start(), 0.0
        for class_id in class_ids:
            total += float(self.scores(state)[class_id])
            state = self.advance(state, class_id)
        return total + self.end_score(state)

    def _scores(self, state):
        ids, scores = self._followers.get(state, ([], []))
        if not state:
            all_scores = np.zeros(len(self._words))
        else:
            all_scores = self.scores(state[1:]) + self._backoff.get(state, 0.0)
        all_scores[ids] = scores
        all_scores.flags.writeable = False  # one array serves every caller
        return all_scores

    def _known(self, words):
        """The longest end of `words` that the model has n-grams or a weight for."""
        words = words[max(0, len(words) - self.order + 1) :]
        while words not in self._backoff and words not in self._followers:
            words = words[1:]
        return words
