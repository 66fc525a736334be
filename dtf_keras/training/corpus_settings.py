"""Where the settings of a run begin, by corpus."""

import dataclasses

from dtf_keras.training.config import RunConfig

RECORDED = RunConfig(
    width=1.0,
    frame_size=112,
    epochs=80,
    batch_size=2,
    seed=8,
    learning_rate=1e-4,
    weight_decay=1e-4,
)
"""For recorded signing: the published size and the source project's optimiser; its
learning rate was halved twice, here it falls along a cosine."""

_RECORDED_CORPORA = (
    "phoenix2014",
    "phoenix2014_si5",
    "phoenix2014t",
    "packed",
    "table",
)


def settings_for(data):
    """The `RunConfig` that a run on the corpus named `data` begins with."""
    config = RECORDED if data in _RECORDED_CORPORA else RunConfig()
    return dataclasses.replace(config, data=data)
