"""The experiments of CorrNet, CorrNet+, SEN, TLP and SlowFastSign as recipes.

They were trained as VAC was, with all its losses, in mixed precision (float16, the loss
scaled) and most of them twice as long. What they report is in
`dtf_keras.models.reported`.
"""

import dataclasses

from dtf_keras.training.recipes import vac
from dtf_keras.training.recipes.recipe import Recipe

_MIXED = dataclasses.replace(vac.RECORDED, precision="mixed_float16")
_LONG = {"epochs": 80, "milestones": (40, 60)}
CORRNET = dataclasses.replace(_MIXED, freeze_norm_scales=True)
"""How CorrNet was trained on PHOENIX: as long as VAC."""
CORRNET_PLUS = dataclasses.replace(CORRNET, **_LONG)
"""How CorrNet+ was trained."""
OTHERS = dataclasses.replace(_MIXED, **_LONG)
"""How the others were trained, with all their weights."""
CSL_DAILY = {
    "learning_rate": 5e-5,
    "milestone_factor": 0.5,
    "augmentation": {"flip": 0.5, "repeat": 0.0, "drop": 0.0, "max_frames": None},
}
"""What CorrNet and SEN advise for CSL-Daily: clips keep their lengths there."""

_LOSSES = (
    "CTC of both heads, and distillation of the sequence head into the other with "
    "weight 25; padded steps do not count in it here, in the source they did."
)
_NORMS = (
    "Scale and shift of batch norm stay at their start, as in the source, where that "
    "was an accident: it began with ImageNet's, see --backbone-weights."
)

RECIPES = (
    Recipe(
        "corrnet",
        f"{_LOSSES} {_NORMS} On CSL-Daily nothing is correlated after the second "
        "stage, as its README asks.",
        recorded=CORRNET,
        elsewhere={
            "csl_daily": {**CSL_DAILY, "options": {"correlated_stages": [3, 4]}}
        },
        source_rows=("default", "file that is offered"),
    ),
    Recipe(
        "corrnet_plus",
        f"{_LOSSES} The losses of the lifting pools have weight 0.0005 each. {_NORMS}",
        recorded=CORRNET_PLUS,
        source_rows=("default",),
    ),
    Recipe(
        "sen",
        _LOSSES,
        recorded=OTHERS,
        elsewhere={"csl_daily": CSL_DAILY},
        source_rows=("default",),
    ),
    Recipe(
        "tlp",
        f"{_LOSSES} The losses of the lifting pools have weight 0.001 each.",
        recorded=OTHERS,
        source_rows=("default",),
    ),
    Recipe(
        "slowfast_sign",
        f"{_LOSSES} The same of the slow and of the fast features alone, each with "
        "weight 0.25. On CSL-Daily the source cut the upper 40 of 256 rows of the "
        "pictures off, which is not done here.",
        recorded=OTHERS,
        source_rows=("default",),
    ),
)
