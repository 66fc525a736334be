"""The experiments of VAC and of SMKD, as VAC's repository has them, as recipes.

What it reports of them is in `dtf_keras.models.reported`.
"""

import functools

from dtf_keras.decoding import DecoderOptions
from dtf_keras.training.recipes.recipe import Recipe
from dtf_keras.training.settings.config import RunConfig

RECORDED = RunConfig(
    width=1.0,
    frame_size=224,
    augmentation={
        "flip": 0.5,
        "rescale": [0.8, 1.2],
        "min_frames": 32,
        "max_frames": 230,
        "multiple": 4,
        "repeat": 0.0,
        "drop": 0.0,
    },
    epochs=40,
    batch_size=2,
    seed=0,
    learning_rate=1e-4,
    schedule="step",
    milestones=(20, 35),
    milestone_factor=0.2,
    warmup_steps=0,
    clip_norm=0.0,
    l2=1e-4,
    decoder=DecoderOptions("beam", width=10, merge_repeated_glosses=True),
)
"""How VAC was trained on PHOENIX. It began with a ResNet-18 of ImageNet; a run here
begins with fresh weights, unless `backbone_weights` gives those."""

_Recipe = functools.partial(Recipe, recorded=RECORDED)

RECIPES = (
    _Recipe(
        "vac/baseline",
        "CTC of the sequence head alone, which VAC measures its losses against.",
        options={"conv_weight": 0.0, "distillation": 0.0},
        source_rows=("baseline",),
    ),
    _Recipe(
        "vac/ctc",
        "CTC of both heads, without distillation.",
        options={"distillation": 0.0},
        source_rows=("ctc",),
    ),
    _Recipe(
        "vac/distillation",
        "CTC of both heads, and distillation of the sequence head into the other with "
        "weight 25: what the paper calls VAC. Padded steps do not count in the "
        "distillation here; in the source they did.",
        source_rows=("distillation",),
    ),
    _Recipe(
        "vac_smkd",
        "CTC of both heads, which share a norm-scaled classifier. The paper's three "
        "stages with segments of glosses are not in the source, nor here.",
        source_rows=("default",),
    ),
)
