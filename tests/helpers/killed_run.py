"""A run that ends from outside, as by `kill -9`, between its epochs."""

import pytest

from dtf_keras import training
from dtf_keras.training.run import checkpoint


class Killed(BaseException):
    """As from outside: nothing catches it."""


def fit_until_killed(config, folder, epoch, kept=True, **options):
    """Trains until an epoch's end.

    Args:
        config: `RunConfig`.
        folder: of the run.
        epoch: the last one, from 0.
        kept: whether its weights are written; its row of the history is.
        **options: as `training.fit`.
    """
    keep = checkpoint.KeepWeights.on_epoch_end

    def on_epoch_end(self, number, logs=None):
        if number < epoch or kept:
            keep(self, number, logs)
        if number == epoch:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint.KeepWeights, "on_epoch_end", on_epoch_end)
        with pytest.raises(Killed):
            training.fit(config, folder, **options)
