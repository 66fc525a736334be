"""The experiments of CorrNet, CorrNet+, SEN, TLP and SlowFastSign as recipes.

They were trained as VAC was, with all its losses, in mixed precision (float16, the loss
scaled) and most of them twice as long. What they report is in
`dtf_keras.models.reported`.
"""

import dataclasses

from dtf_keras.training.recipes import vac
from dtf_keras.training.recipes.recipe import Recipe

SHORT = dataclasses.replace(vac.RECORDED, precision="mixed_float16")
"""How CorrNet was trained on PHOENIX: as long as VAC."""
LONG = dataclasses.replace(SHORT, epochs=80, milestones=(40, 60))
"""How the others were trained."""
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
    "In the source scale and shift of batch norm stayed at their start by accident; "
    "here they are trained, unless --freeze-norm-scales keeps them."
)

RECIPES = (
    Recipe(
        "corrnet",
        f"{_LOSSES} {_NORMS} On CSL-Daily nothing is correlated after the second "
        "stage, as its README asks.",
        recorded=SHORT,
        elsewhere={
            "csl_daily": {**CSL_DAILY, "options": {"correlated_stages": [3, 4]}}
        },
        source_rows=("default", "file that is offered"),
    ),
    Recipe(
        "corrnet_plus",
        f"{_LOSSES} The losses of the lifting pools have weight 0.0005 each. {_NORMS}",
        recorded=LONG,
        source_rows=("default",),
    ),
    Recipe(
        "sen",
        _LOSSES,
        recorded=LONG,
        elsewhere={"csl_daily": CSL_DAILY},
        source_rows=("default",),
    ),
    Recipe(
        "tlp",
        f"{_LOSSES} The losses of the lifting pools have weight 0.001 each.",
        recorded=LONG,
        source_rows=("default",),
    ),
    Recipe(
        "slowfast_sign",
        f"{_LOSSES} The same of the slow and of the fast features alone, each with "
        "weight 0.25. On CSL-Daily the source cut the upper 40 of 256 rows of the "
        "pictures off, which is not done here.",
        recorded=LONG,
        source_rows=("default",),
    ),
)
