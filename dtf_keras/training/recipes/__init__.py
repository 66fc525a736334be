"""Recipes: the experiments of the sources as named, typed configurations.

>>> from dtf_keras.training import recipes
>>> recipes.list("full_conv_v6*")
['full_conv_v6', 'full_conv_v6/residual']
>>> recipes.get("full_conv_v6/residual", "phoenix2014").milestones
(40, 60)
"""

import dataclasses
import fnmatch
import textwrap

from dtf_keras.training.recipes import after_vac, full_conv, hands, hybrids, vac
from dtf_keras.training.recipes.recipe import Recipe, config_for, facts_of
from dtf_keras.training.settings.config import RunConfig, SettingError
from dtf_keras.words import unknown

__all__ = ["Recipe", "base", "describe", "entry", "get", "list", "names_of", "overview"]

_TABLES = (full_conv, vac, after_vac, hybrids, hands)
_BY_NAME = {recipe.name: recipe for table in _TABLES for recipe in table.RECIPES}
_OF_ONE_RUN = {"seed", "root", "on_bad_clip", "jit_compile", "remat"}


def list(pattern="*"):
    """Names of the recipes that match a shell-style pattern."""
    return [name for name in _BY_NAME if fnmatch.fnmatchcase(name, pattern)]


def entry(name):
    """The `Recipe` of that name.

    Raises:
        SettingError: there is none; names the closest ones.
    """
    if name not in _BY_NAME:
        raise SettingError(unknown("recipe", name, _BY_NAME))
    return _BY_NAME[name]


def base(data=RunConfig.data, model=RunConfig.model):
    """The `RunConfig` that a run without a recipe begins with.

    On a corpus of hand landmarks that is the model's recipe on hands; on other recorded
    signing how the source of the model trained; on other corpora that are drawn a
    scaled-down run for two CPU cores.

    Args:
        data: a corpus, as `dtf_keras.data.list()` names it.
        model: a model; one that no recipe is of begins as those of `full_conv`.

    Raises:
        SettingError: no such corpus.
    """
    if hands.of(model) in _BY_NAME and facts_of(data).landmarks:
        return get(hands.of(model), data)
    for recipe in _BY_NAME.values():
        if recipe.model == model:
            return recipe.base(data)
    config = config_for(data, full_conv.RECORDED)
    return dataclasses.replace(config, model=model)


def get(name, data=RunConfig.data):
    """The `RunConfig` of a recipe on a corpus.

    Args:
        name: a name of `recipes.list()`.
        data: a corpus, as `dtf_keras.data.list()` names it.

    Raises:
        SettingError: no such recipe or corpus; names the closest ones.
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
    lines = [f"{r.name}\n{wrap.fill(r.description)}" for r in _BY_NAME.values()]
    return "\n".join(lines)


def describe(name, data=RunConfig.data):
    """What a recipe is, needs and sets, and the WER that its source reports, as text.

    Args:
        name: a name of `recipes.list()`.
        data: corpus that the settings are for.

    Raises:
        SettingError: no such recipe or corpus; names the closest ones.
    """
    from dtf_keras import models  # imports Keras

    recipe = entry(name)
    config = recipe.config(data)
    reported = [
        f"{one.wer} % ({one.recipe}; {one.corpus} {one.split}; {one.where})"
        for row in recipe.source_rows
        for one in models.reported(recipe.model, recipe=row)
    ]
    changed = ", ".join(
        f"{setting}={getattr(config, setting)}"
        for setting in RunConfig().differences(config)
    )
    needs = f"a run or preset of {recipe.starts_from}" if recipe.starts_from else "none"
    lines = [
        name,
        f"  is          {recipe.description}",
        f"  needs       {needs}",
        f"  on {data}, where not as by default: {changed or 'nothing'}",
        "  reported    by the source, not measured here:",
        *(f"    {line}" for line in reported or ["nothing"]),
    ]
    return "\n".join(lines)
