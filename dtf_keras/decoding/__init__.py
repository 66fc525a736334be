"""From logits to glosses and to the time they take."""

from dtf_keras.decoding.best_path import greedy
from dtf_keras.decoding.spans import Span, greedy_spans, step_probabilities

__all__ = ["Span", "greedy", "greedy_spans", "step_probabilities"]
