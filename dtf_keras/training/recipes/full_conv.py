"""The rows of the source's table as configurations; `recipes` finds them by name."""

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

from dtf_keras.training.settings.config import RunConfig

SOURCE = RunConfig(
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
    decoder="beam",
    beam_width=5,
    merge_repeats="true",
)
"""How the source trained on PHOENIX: for corpora of recorded signing. Its table goes up
to epoch 86. Two things are ours: weight decay is decoupled, and clips have their own
lengths everywhere."""

_RECORDED = ("phoenix2014", "phoenix2014_si5", "phoenix2014t", "packed", "table")
RECIPE_PREFIX = "recipe:"  # how `init_from` says that a recipe's name follows


def base(data):
    """The `RunConfig` that a run on the corpus named `data` begins with.

    `SOURCE` for recorded signing; for the embedded corpora, and corpora of the user's
    own, the defaults of `RunConfig`, a scaled-down run for two CPU cores.
    """
    config = SOURCE if data in _RECORDED else RunConfig()
    return dataclasses.replace(config, data=data)


@dataclass(frozen=True)
class Recipe:
    """A row of the source as a configuration: model, options and optimisation."""

    name: str
    """Model of the zoo and, after a slash, what is done with it."""
    description: str
    """What it is, and what the source wrote of it."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the model."""
    starts_from: str | None = None
    """Recipe whose trained weights it starts from: train that one first."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Other settings of the run that differ from those of its corpus."""
    source_rows: tuple[str, ...] = ()
    """Keys of the source's WERs in `dtf_keras.zoo.describe(model).source_wer`."""

    @property
    def model(self):
        """Zoo model that it trains."""
        return self.name.partition("/")[0]

    def config(self, data=RunConfig.data):
        """The `RunConfig` of this recipe on the corpus named `data`."""
        settings = {"model": self.model, "options": self.options, **self.settings}
        if self.starts_from:
            settings["init_from"] = RECIPE_PREFIX + self.starts_from
        return dataclasses.replace(base(data), **copy.deepcopy(settings))


_OWN_LENGTHS = (
    "The source gave its loss the padded length here, as in every row but its "
    "len_video ones; this recipe, as all recipes, gives the true one, so it is the "
    "same run as len_video. --ctc-lengths padded repeats the error in the loss."
)
_FROM_FULL_CONV = {"backbone": 0.1, "enc*": 0.1, "classifier": 0.1}

RECIPES = (
    Recipe(
        "full_conv",
        f"The baseline. {_OWN_LENGTHS}",
        source_rows=("baseline", "baseline, second figure"),
    ),
    Recipe(
        "full_conv/len_video",
        "The baseline with true clip lengths in the loss: the same run as full_conv.",
        source_rows=("len_video",),
    ),
    Recipe(
        "full_conv_v3/finetune",
        "Local attention put into a trained full_conv, whose layers learn at a tenth "
        "of the rate of the attention.",
        starts_from="full_conv",
        settings={"layer_rates": _FROM_FULL_CONV},
        source_rows=("finetune",),
    ),
    Recipe(
        "full_conv_v5/frozen_backbone",
        "Dynamic framing on the backbone of a trained full_conv, which is frozen "
        "(in the source its batch norms still moved).",
        starts_from="full_conv",
        settings={"init_layers": ("backbone",), "freeze": ("backbone",)},
        source_rows=("frozen_backbone",),
    ),
    Recipe(
        "full_conv_v5/scratch",
        f"Dynamic framing, all of it trained from scratch. {_OWN_LENGTHS}",
        source_rows=("scratch",),
    ),
    Recipe(
        "full_conv_v5/scratch_no_residual",
        "Dynamic framing without the frames' own features; abandoned in the source.",
        options={"residual": False},
        source_rows=("scratch_no_residual",),
    ),
    Recipe(
        "full_conv_v5/len_video",
        "Dynamic framing from scratch with true clip lengths in the loss: the same "
        "run as full_conv_v5/scratch.",
        source_rows=("len_video",),
    ),
    Recipe(
        "full_conv_v6",
        "Dynamic framing, of which a random quarter of the frames is kept.",
        source_rows=("default",),
    ),
    Recipe(
        "full_conv_v6/residual",
        "full_conv_v6 with the frames' own features; abandoned in the source, where "
        "it overfitted.",
        options={"residual": True},
        source_rows=("residual",),
    ),
    Recipe(
        "full_conv_v7",
        "full_conv_v6 with a causal TCN block; the source left its row empty.",
    ),
    Recipe(
        "full_conv_v8",
        "Frames with the same neighbourhood merged into one; abandoned in the source.",
        source_rows=("default",),
    ),
    Recipe(
        "full_conv_v9",
        "Dynamic framing of all frames and again of the pooled ones. The source's "
        "23.8 % are with --frame-size 224.",
        source_rows=("default", "224 pixels"),
    ),
    Recipe(
        "full_conv_v10",
        "Dynamic framing of the pooled frames alone.",
        source_rows=("default",),
    ),
    Recipe(
        "full_conv_v11",
        "full_conv_v9 with shorter convolutions between the two framings.",
        source_rows=("default",),
    ),
)
