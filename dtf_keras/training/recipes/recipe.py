"""What a recipe is; the tables of recipes are beside it, one a source."""

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

from dtf_keras import data as corpora
from dtf_keras.training.settings.config import RunConfig, SettingError

RECIPE_PREFIX = "recipe:"  # how `init_from` says that a recipe's name follows


@dataclass(frozen=True)
class Recipe:
    """An experiment of a source as a configuration: model, options and optimisation."""

    name: str
    """Model of the zoo and, after a slash, what is done with it."""
    description: str
    """What it is, and what the source wrote of it."""
    recorded: RunConfig
    """Settings of its source on corpora of recorded signing."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the model."""
    starts_from: str | None = None
    """Recipe whose trained weights it starts from: train that one first."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Other settings of the run that differ from those of its corpus."""
    elsewhere: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Settings that its source had on some corpora in place of `recorded`'s, by the
    name of the corpus; options go with those of the recipe."""
    source_rows: tuple[str, ...] = ()
    """Recipes of `dtf_keras.models.reported(model)` that this one re-builds."""

    @property
    def model(self):
        """Zoo model that it trains."""
        return self.name.partition("/")[0]

    def base(self, data=RunConfig.data):
        """The `RunConfig` with which its source begins on the corpus named `data`.

        Raises:
            SettingError: no such corpus.
        """
        settings = {"model": self.model, **self.elsewhere.get(data, {})}
        base = config_for(data, self.recorded)
        return dataclasses.replace(base, **copy.deepcopy(settings))

    def config(self, data=RunConfig.data):
        """The `RunConfig` of this recipe on the corpus named `data`.

        Raises:
            SettingError: no such corpus.
        """
        base = self.base(data)
        settings = {"options": {**base.options, **self.options}, **self.settings}
        if self.starts_from:
            settings["init_from"] = RECIPE_PREFIX + self.starts_from
        return dataclasses.replace(base, **copy.deepcopy(settings))


def config_for(data, recorded):
    """The `RunConfig` that a run on the corpus named `data` begins with.

    `recorded` for recorded signing; for corpora that are drawn the defaults of
    `RunConfig`, a scaled-down run for two CPU cores. Where glosses repeat, no decoder
    merges them.

    Raises:
        SettingError: no such corpus.
    """
    facts = facts_of(data)
    config = copy.deepcopy(recorded) if facts.recorded else RunConfig()
    decoder = config.decoder
    if facts.repeats:
        decoder = dataclasses.replace(decoder, merge_repeated_glosses=False)
    return dataclasses.replace(config, data=data, decoder=decoder)


def facts_of(data):
    """The `CorpusFacts` of the corpus named `data`.

    Raises:
        SettingError: no such corpus.
    """
    try:
        return corpora.facts(data)
    except ValueError as error:
        raise SettingError(str(error)) from error
