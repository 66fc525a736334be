"""The settings of a decoder on a command line."""

import dataclasses
import pathlib
import typing
from dataclasses import dataclass
from typing import Literal

from dtf_keras.decoding.language_model import NGramLanguageModel
from dtf_keras.values import fits, real_number, type_name, whole_number
from dtf_keras.words import quoted, unknown

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
    """Make equal neighbours among the recognized glosses one."""

    def __str__(self):
        if self.strategy == "greedy":
            name = "best path (greedy)"
        else:
            name = f"prefix beam search of width {self.width}"
        if self.language_model:
            name += f" with the language model {pathlib.Path(self.language_model).name}"
        return name + (", repeats merged" if self.merge_repeated_glosses else "")

    def check(self):
        """Checks that the settings can be and go together; reads no language model.

        Raises:
            ValueError: a setting of the beam search for greedy decoding, or one that
                cannot be; it names the setting.
        """
        if self.strategy == "beam":
            check_beam(width=self.width, top=self.top, alpha=self.alpha, beta=self.beta)
            return
        for setting in dataclasses.fields(self):
            value = getattr(self, setting.name)
            if setting.name in _OF_THE_BEAM and value != setting.default:
                raise ValueError(
                    f"{setting.name}={value} needs the strategy 'beam': greedy "
                    "decoding cannot use it."
                )

    def with_strategy(self, strategy):
        """These options for another strategy; what only a beam search uses goes with
        it."""
        if strategy == "beam":
            return dataclasses.replace(self, strategy=strategy)
        return DecoderOptions(
            strategy=strategy, merge_repeated_glosses=self.merge_repeated_glosses
        )

    def settings(self, glosses):
        """The keyword arguments of `decode` and `decode_spans`.

        Args:
            glosses: sequence of strings, `glosses[i]` is class `i + 1`.

        Raises:
            FileNotFoundError: no such language model.
            ValueError: as `check`, or a language model that cannot be read or does not
                fit the glosses.
        """
        self.check()
        chosen = {
            "strategy": self.strategy,
            "merge_repeated_glosses": self.merge_repeated_glosses,
        }
        if self.strategy == "greedy":
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

    @classmethod
    def from_dict(cls, said):
        """The options of a dict as `to_dict` makes it; those left out are the defaults.

        Raises:
            ValueError: an option that does not exist, or of the wrong type.
        """
        kinds = {**typing.get_type_hints(cls), "language_model": str | None}
        for name, value in said.items():
            if name not in kinds:
                raise ValueError(unknown("option", name, kinds, of="the decoder"))
            if not fits(value, kinds[name]):
                raise ValueError(
                    f"{name} of the decoder is {quoted(value)}: expected "
                    f"{type_name(kinds[name])}."
                )
        path = said.get("language_model")
        return cls(**{**said, "language_model": path and pathlib.Path(path)})


def check_beam(alpha, beta, **counts):
    """Checks settings of the beam search.

    Args:
        alpha, beta: finite numbers.
        **counts: whole numbers from 1, or `None`.

    Raises:
        ValueError: one that cannot be; it names the setting.
    """
    for name, value in counts.items():
        if value is not None:
            whole_number(name, value)
    real_number("alpha", alpha)
    real_number("beta", beta)
