"""Models that read the points of a hand in place of pictures; no source has them."""

from dtf_keras.training.recipes import full_conv, vac
from dtf_keras.training.recipes.recipe import Recipe

ROWS = (
    "full_conv",
    "full_conv_v3",
    "full_conv_v5",
    "full_conv_v6",
    "full_conv_v7",
    "full_conv_v8",
    "full_conv_v9",
    "full_conv_v10",
    "full_conv_v11",
    "vac",
    "vac_smkd",
)

RECIPES = tuple(
    Recipe(
        f"{row}/hands",
        f"{row} on hand landmarks: what reads people before a camera.",
        recorded=vac.RECORDED if row.startswith("vac") else full_conv.RECORDED,
        options={"input": "landmarks"},
        settings={"num_clips": 8000, "epochs": 6, "batch_size": 16},
    )
    for row in ROWS
)
