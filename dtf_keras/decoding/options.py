"""The settings of a decoder on a command line."""

import dataclasses
import pathlib
from dataclasses import dataclass
from typing import Literal

from dtf_keras.decoding.language_model import NGramLanguageModel


@dataclass(frozen=True)
class DecoderOptions:
    """The settings of `decode` as a command line takes them.

    Example:

    >>> options = DecoderOptions(strategy="beam", width=5)
    >>> options.settings(["RAIN", "SUN"])["width"]
    5
    """

    strategy: Literal["greedy", "beam"] = "greedy"
    """greedy: the most probable path; beam: prefix beam search."""
    width: int = 10
    """Beam search: prefixes kept after each step."""
    top: int | None = None
    """Beam search: most probable glosses tried a step; all that matter by default."""
    language_model: pathlib.Path | None = None
    """Beam search: ARPA file with an n-gram model of the glosses."""
    alpha: float = 0.5
    """Beam search: weight of the language model."""
    beta: float = 0.0
    """Beam search: added to the score for each gloss."""
    merge_repeated_glosses: bool = False
    """Make equal neighbours one gloss, as the source project did."""

    def settings(self, glosses):
        """The keyword arguments of `decode` and `decode_spans`.

        Args:
            glosses: sequence of strings, `glosses[i]` is class `i + 1`.

        Raises:
            FileNotFoundError: no such language model.
            ValueError: a language model without a beam search, or one that cannot be
                read or does not fit the glosses.
        """
        chosen = {
            "strategy": self.strategy,
            "merge_repeated_glosses": self.merge_repeated_glosses,
        }
        if self.strategy == "greedy":
            if self.language_model:
                raise ValueError(
                    f"The language model {self.language_model} needs the strategy "
                    "'beam': greedy decoding cannot use one."
                )
            return chosen
        model = None
        if self.language_model:
            model = NGramLanguageModel.from_arpa(self.language_model, glosses)
        beam = {"width": self.width, "top": self.top, "language_model": model}
        return {**chosen, **beam, "alpha": self.alpha, "beta": self.beta}

    def to_dict(self):
        """All settings as a JSON-able dict."""
        path = self.language_model and str(self.language_model)
        return {**dataclasses.asdict(self), "language_model": path}
