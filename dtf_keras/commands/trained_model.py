"""The trained model that a command line names."""

from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import SettingError

READS_PEOPLE = "vac_smkd_hands"
"""The preset that reads people before a camera best."""

READS_LIVE = "full_conv_v10_hands"
"""The same of those whose steps see a bounded part of a clip."""


def preset_of(name, weights=None):
    """The `Preset` that a command line names; `None` where `load_model` finds no such.

    Args:
        name: zoo name.
        weights: as `load_model` takes them.
    """
    from dtf_keras.zoo.find import find

    try:
        return find(name if weights is None else weights)
    except (ValueError, OSError):
        return None


def load_model(name, weights=None, run=None):
    """A model with trained weights, its `glosses`, `input_format` and `decoder`.

    Args:
        name: zoo name.
        weights: as `dtf_keras.zoo.get` takes them; those of the zoo by default.
        run: run folder that `fit` wrote, instead of both.

    Raises:
        FileNotFoundError: no such run, or one without weights.
        ValueError: as `zoo.get`.
    """
    from dtf_keras import zoo  # imports Keras, which --help need not

    if run is None:
        return zoo.get(name) if weights is None else zoo.get(name, weights=weights)
    if weights is not None:
        raise SettingError("--run has its own weights: leave out --weights.")
    folder = RunFolder(run)
    folder.read_config()  # tells a folder that is no run
    if not folder.best_weights.is_file():
        raise FileNotFoundError(
            f"{folder.path} has no weights yet: its first epoch has not ended."
        )
    from dtf_keras.training.run.model import trained_model

    return trained_model(folder)
