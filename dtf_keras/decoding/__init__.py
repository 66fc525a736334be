"""From logits to glosses and to the time they take.

What needs Keras loads on first use, so that a command's `--help` answers at once.
"""

from dtf_keras.decoding.arpa import ArpaError
from dtf_keras.decoding.language_model import NGramLanguageModel
from dtf_keras.decoding.options import DecoderOptions
from dtf_keras.later import load_later

_LATER = {
    "Hypothesis": "prefix_search",
    "Span": "spans",
    "align": "forced_alignment",
    "beam_search": "prefix_search",
    "decode": "decoder",
    "decode_spans": "decoder",
    "greedy": "best_path",
    "greedy_spans": "spans",
    "step_probabilities": "spans",
}

__all__ = ["ArpaError", "DecoderOptions", "NGramLanguageModel", *_LATER]

__getattr__ = load_later(__name__, _LATER)
