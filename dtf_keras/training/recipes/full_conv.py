"""The rows of the seed project's table as recipes.

What it reports of them is in `dtf_keras.models.reported`.
"""

import functools

from dtf_keras.decoding import DecoderOptions
from dtf_keras.training.recipes.recipe import Recipe
from dtf_keras.training.settings.config import RunConfig

RECORDED = RunConfig(
    width=1.0,
    frame_size=112,
    epochs=90,
    batch_size=2,
    seed=8,
    learning_rate=1e-4,
    schedule="step",
    milestones=(40, 60),
    milestone_factor=0.5,
    warmup_steps=0,
    clip_norm=5.0,
    weight_decay=1e-4,
    decoder=DecoderOptions("beam", width=5, merge_repeated_glosses=True),
)
"""How the seed project trained on PHOENIX. Its table goes up to epoch 86. Two things
are ours: weight decay is decoupled, and clips have their own lengths everywhere."""

_Recipe = functools.partial(Recipe, recorded=RECORDED)

_OWN_LENGTHS = (
    "The source gave its loss the padded length here, as in every row but its "
    "len_video ones; this recipe, as all recipes, gives the true one, so it is the "
    "same run as len_video. The model's option padded_lengths repeats the error."
)
_FROM_FULL_CONV = {"backbone": 0.1, "enc*": 0.1, "classifier": 0.1}

RECIPES = (
    _Recipe(
        "full_conv",
        f"The baseline. {_OWN_LENGTHS}",
        source_rows=("baseline", "baseline, second figure"),
    ),
    _Recipe(
        "full_conv/len_video",
        "The baseline with true clip lengths in the loss: the same run as full_conv.",
        source_rows=("len_video",),
    ),
    _Recipe(
        "full_conv_v3/finetune",
        "Local attention put into a trained full_conv, whose layers learn at a tenth "
        "of the rate of the attention.",
        starts_from="full_conv",
        settings={"layer_rates": _FROM_FULL_CONV},
        source_rows=("finetune",),
    ),
    _Recipe(
        "full_conv_v5/frozen_backbone",
        "Dynamic framing on the backbone of a trained full_conv, which is frozen "
        "(in the source its batch norms still moved).",
        starts_from="full_conv",
        settings={"init_layers": ("backbone",), "freeze": ("backbone",)},
        source_rows=("frozen_backbone",),
    ),
    _Recipe(
        "full_conv_v5/scratch",
        f"Dynamic framing, all of it trained from scratch. {_OWN_LENGTHS}",
        source_rows=("scratch",),
    ),
    _Recipe(
        "full_conv_v5/scratch_no_residual",
        "Dynamic framing without the frames' own features; abandoned in the source.",
        options={"residual": False},
        source_rows=("scratch_no_residual",),
    ),
    _Recipe(
        "full_conv_v5/len_video",
        "Dynamic framing from scratch with true clip lengths in the loss: the same "
        "run as full_conv_v5/scratch.",
        source_rows=("len_video",),
    ),
    _Recipe(
        "full_conv_v6",
        "Dynamic framing, of which a random quarter of the frames is kept.",
        source_rows=("default",),
    ),
    _Recipe(
        "full_conv_v6/residual",
        "full_conv_v6 with the frames' own features; abandoned in the source, where "
        "it overfitted.",
        options={"residual": True},
        source_rows=("residual",),
    ),
    _Recipe(
        "full_conv_v7",
        "full_conv_v6 with a causal TCN block; the source left its row empty.",
    ),
    _Recipe(
        "full_conv_v8",
        "Frames with the same neighbourhood merged into one; abandoned in the source.",
        source_rows=("default",),
    ),
    _Recipe(
        "full_conv_v9",
        "Dynamic framing of all frames and again of the pooled ones. The source's "
        "23.8 % are with --frame-size 224.",
        source_rows=("default", "224 pixels"),
    ),
    _Recipe(
        "full_conv_v10",
        "Dynamic framing of the pooled frames alone.",
        source_rows=("default",),
    ),
    _Recipe(
        "full_conv_v11",
        "full_conv_v9 with shorter convolutions between the two framings.",
        source_rows=("default",),
    ),
)
