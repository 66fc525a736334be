"""The glosses of a clip that is still going on, read off its steps greedily."""

import copy
import dataclasses

from dtf_keras.decoding.best_path import BLANK, checked
from dtf_keras.decoding.spans import step_probabilities
from dtf_keras.recognition.result import RecognizedGloss


@dataclasses.dataclass
class _Run:
    """Equal steps in a row, or several such runs with nothing but blanks between."""

    class_id: int
    start: float  # seconds
    end: float | None = None  # of the last such row; `None` while it goes on
    probability: float = 0.0  # sum over the steps
    steps: int = 0


class GrowingGlosses:
    """What `dtf_keras.decoding.greedy_spans` finds, step by step.

    A gloss can change no more when a step of another class has come; if equal
    neighbours are merged, when another gloss has.

    Args:
        glosses: sequence of strings, `glosses[i]` is class `i + 1`.
        merge_repeated: make equal neighbours among the glosses one.
    """

    def __init__(self, glosses, merge_repeated=False):
        self._glosses, self._merge = glosses, merge_repeated
        self._run = None

    def push(self, logits, starts):
        """Takes the next steps.

        Args:
            logits: `[S, V]` float.
            starts: float `[S]`, when each begins, seconds.

        Returns:
            List of the `RecognizedGloss` that are settled.

        Raises:
            ValueError: NaN among the logits.
        """
        if not len(logits):
            return []
        checked(logits[None], None)
        classes = logits.argmax(axis=-1).tolist()
        best = step_probabilities(logits).max(axis=-1).tolist()
        settled = []
        for class_id, probability, start in zip(classes, best, starts, strict=True):
            settled += self._take(class_id, probability, float(start))
        return settled

    def finish(self, end):
        """The gloss that is not settled yet, in a list, when the clip ends at `end`."""
        run, self._run = self._run, None
        if run is None:
            return []
        return [self._named(run, end if run.end is None else run.end)]

    def pending(self, logits, starts, end):
        """What would be recognized if the clip ended with these steps, as a list."""
        ended = copy.copy(self)
        ended._run = copy.copy(self._run)
        return ended.push(logits, starts) + ended.finish(end)

    def _take(self, class_id, probability, start):
        run, settled = self._run, []
        if run is not None and run.class_id != class_id and run.end is None:
            run.end = start
        goes_on = run is not None and class_id in (run.class_id, BLANK)
        if run is not None and not (goes_on and (self._merge or run.end is None)):
            settled, run = [self._named(run, run.end)], None
        if class_id != BLANK:
            run = run or _Run(class_id, start)
            run.end = None
            run.probability += probability
            run.steps += 1
        self._run = run
        return settled

    def _named(self, run, end):
        confidence = run.probability / run.steps
        return RecognizedGloss(
            self._glosses[run.class_id - 1], run.start, end, confidence
        )
