"""How well glosses were recognised. Imports no deep-learning framework."""

from dtf_keras.evaluation.wer import WordErrors, word_errors

__all__ = ["WordErrors", "word_errors"]
