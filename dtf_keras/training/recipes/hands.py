"""Models that read the points of a hand in place of pictures; no source has them."""

import dataclasses

from dtf_keras.training.recipes import full_conv, vac
from dtf_keras.training.recipes.recipe import Recipe

AS_VAC = ("vac", "vac_smkd", "dtf_resnet18", "mltsf")
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
    *AS_VAC,
)


def _recorded(row):
    """How a row is trained on recorded hands: its own way, but for pictures' sake."""
    config = vac.RECORDED if row in AS_VAC else full_conv.RECORDED
    if not config.augmentation:
        return config
    # A mirrored hand is the other hand, and points are not cropped.
    augmentation = {**config.augmentation, "flip": 0.0, "crop": False}
    return dataclasses.replace(config, augment=True, augmentation=augmentation)


def of(model):
    """The name of a model's recipe here."""
    return f"{model}/hands"


RECIPES = tuple(
    Recipe(
        of(row),
        f"{row} on hand landmarks: what reads people before a camera.",
        recorded=_recorded(row),
        options={"input": "landmarks"},
        settings={"num_clips": 8000, "epochs": 6, "batch_size": 16},
    )
    for row in ROWS
)
