"""Recipes: the source's experiments as named, typed configurations.

>>> from dtf_keras.training import recipes
>>> recipes.list("full_conv_v6*")
['full_conv_v6', 'full_conv_v6/residual']
>>> recipes.get("full_conv_v6/residual", "phoenix2014").milestones
(40, 60)
"""

import difflib
import fnmatch
import textwrap

from dtf_keras.training.recipes.full_conv import RECIPES, Recipe, base
from dtf_keras.training.settings.config import RunConfig, SettingError

__all__ = ["Recipe", "base", "describe", "entry", "get", "list", "names_of", "overview"]

_BY_NAME = {recipe.name: recipe for recipe in RECIPES}
_OF_ONE_RUN = {"seed", "root", "on_bad_clip", "jit_compile"}


def list(pattern="*"):
    """Names of the recipes that match a shell-style pattern."""
    return [name for name in _BY_NAME if fnmatch.fnmatchcase(name, pattern)]


def entry(name):
    """The `Recipe` of that name.

    Raises:
        SettingError: there is none; names the closest ones.
    """
    if name not in _BY_NAME:
        close = difflib.get_close_matches(name, _BY_NAME, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise SettingError(
            f"There is no recipe {name!r}. {hint}There are {', '.join(_BY_NAME)}."
        )
    return _BY_NAME[name]


def get(name, data=RunConfig.data):
    """The `RunConfig` of a recipe on a corpus.

    Args:
        name: a name of `recipes.list()`.
        data: a corpus, as `dtf_keras.data.list()` names it.

    Raises:
        SettingError: no such recipe; names the closest ones.
    """
    return entry(name).config(data)


def names_of(config):
    """Names of the recipes that a run follows: all its settings are theirs.

    Args:
        config: `RunConfig` of the run; its seed and where its corpus lies do not
            count.
    """
    return [
        name
        for name in _BY_NAME
        if not set(get(name, config.data).differences(config)) - _OF_ONE_RUN
    ]


def overview():
    """All recipes with their descriptions, as text."""
    wrap = textwrap.TextWrapper(80, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(f"{r.name}\n{wrap.fill(r.description)}" for r in RECIPES)


def describe(name, data=RunConfig.data):
    """What a recipe is, needs and sets, and the WER that the source reports, as text.

    Args:
        name: a name of `recipes.list()`.
        data: corpus that the settings are for.

    Raises:
        SettingError: no such recipe; names the closest ones.
    """
    from dtf_keras import models  # imports Keras

    recipe = entry(name)
    config = recipe.config(data)
    wers = models.entry(recipe.model).source.wer
    reported = ", ".join(f"{wers[row]} % ({row})" for row in recipe.source_rows)
    reported = reported or "none"
    changed = ", ".join(
        f"{setting}={getattr(config, setting)}"
        for setting in RunConfig().differences(config)
    )
    needs = f"a run or preset of {recipe.starts_from}" if recipe.starts_from else "none"
    return (
        f"{name}\n"
        f"  is          {recipe.description}\n"
        f"  needs       {needs}\n"
        f"  on {data}, where not as by default: {changed or 'nothing'}\n"
        f"  source WER  {reported}; PHOENIX-2014 dev, reported by the source, "
        "not measured here"
    )
