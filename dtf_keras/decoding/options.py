"""The settings of a decoder on a command line."""

import dataclasses
import math
import numbers
import pathlib
from dataclasses import dataclass
from typing import Literal

from dtf_keras.decoding.language_model import NGramLanguageModel

_OF_THE_BEAM = ("width", "top", "language_model", "alpha", "beta")


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
            ValueError: a setting of the beam search for greedy decoding, or one that
                cannot be; a language model that cannot be read or does not fit the
                glosses.
        """
        chosen = {
            "strategy": self.strategy,
            "merge_repeated_glosses": self.merge_repeated_glosses,
        }
        if self.strategy == "greedy":
            self._refuse_beam_settings()
            return chosen
        check_beam(width=self.width, top=self.top, alpha=self.alpha, beta=self.beta)
        model = None
        if self.language_model:
            model = NGramLanguageModel.from_arpa(self.language_model, glosses)
        beam = {"width": self.width, "top": self.top, "language_model": model}
        return {**chosen, **beam, "alpha": self.alpha, "beta": self.beta}

    def _refuse_beam_settings(self):
        for setting in dataclasses.fields(self):
            value = getattr(self, setting.name)
            if setting.name in _OF_THE_BEAM and value != setting.default:
                raise ValueError(
                    f"{setting.name}={value} needs the strategy 'beam': greedy "
                    "decoding cannot use it."
                )

    def to_dict(self):
        """All settings as a JSON-able dict."""
        path = self.language_model and str(self.language_model)
        return {**dataclasses.asdict(self), "language_model": path}


def check_beam(alpha, beta, **counts):
    """Checks settings of the beam search.

    Args:
        alpha, beta: finite numbers.
        **counts: whole numbers from 1, or `None`.

    Raises:
        ValueError: one that cannot be; it names the setting.
    """
    for name, value in counts.items():
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if value is not None and not (whole and value >= 1):
            raise ValueError(
                f"{name} is {value!r}: it must be a whole number, 1 or more."
            )
    for name, value in (("alpha", alpha), ("beta", beta)):
        if not isinstance(value, numbers.Real) or not math.isfinite(value):
            raise ValueError(f"{name} is {value!r}: it must be a finite number.")
