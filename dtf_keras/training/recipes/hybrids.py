"""Trainings of the networks that put dynamic fusion on VAC's backbone.

They are trained as VAC is, so that what differs is the fusion.
"""

from dtf_keras.training.recipes import vac
from dtf_keras.training.recipes.recipe import Recipe

RECIPES = (
    Recipe(
        "dtf_resnet18",
        "VAC with dynamic fusion of all frames; no source has it.",
        recorded=vac.RECORDED,
    ),
    Recipe(
        "mltsf",
        "Our reading of mLTSF (arXiv 2107.12762), of which only the abstract was at "
        "hand; how it was trained was not, and is as VAC here.",
        recorded=vac.RECORDED,
    ),
)
