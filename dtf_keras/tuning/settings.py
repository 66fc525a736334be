"""How a search is done."""

from dataclasses import dataclass
from typing import Literal

from dtf_keras.training.settings.config import SettingError
from dtf_keras.values import whole_number


@dataclass(frozen=True)
class SearchSettings:
    """How the settings to try are chosen; raises `SettingError` for what cannot be."""

    algorithm: Literal["hyperband", "bayesian"] = "hyperband"
    """hyperband: many short runs, the best of them longer; bayesian: whole runs, each
    chosen by what the ones before showed."""
    trials: int = 20
    """Bayesian: runs to make."""
    factor: int = 3
    """Hyperband: of so many runs one is made again so many times as long."""
    keep: tuple[str, ...] = ()
    """Settings not to search, by name: width learning_rate window."""

    def __post_init__(self):
        try:
            whole_number("trials", self.trials)
            whole_number("factor", self.factor, at_least=2)
        except ValueError as error:
            raise SettingError(str(error)) from error
