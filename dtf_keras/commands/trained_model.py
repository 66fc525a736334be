"""The trained model that a command line names."""

from dtf_keras.data.corpora.recorded import CROP
from dtf_keras.data.vocabulary import Vocabulary
from dtf_keras.recognition import ClipFormat
from dtf_keras.training.run.folder import RunFolder
from dtf_keras.training.settings.config import SettingError

DRAWN = ("fingerspelling", "fingerspelling_si")  # corpora that are not cropped


def load_model(name, weights=None, run=None):
    """A model with trained weights and its `clip_format`.

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
    config, _ = folder.read_config()
    if not folder.best_weights.is_file():
        raise FileNotFoundError(
            f"{folder.path} has no weights yet: its first epoch has not ended."
        )
    vocabulary = Vocabulary.from_file(folder.glosses)
    from dtf_keras.training.run.parts import make_model

    model = make_model(config, vocabulary.num_classes)
    model.load_weights(folder.best_weights)
    model.clip_format = _clip_format(config, vocabulary.glosses)
    return model


def _clip_format(config, glosses):
    rate, crop = 25.0, 1.0
    if config.data == "packed":  # it may hold any corpus
        from dtf_keras.training.run.parts import load_split

        corpus = load_split(config, "dev")
        rate, crop = corpus.input_format.frame_rate, corpus.input_format.crop
    elif config.data not in DRAWN:
        rate = config.data_options.get("frame_rate", rate)
        crop = CROP
    return ClipFormat(glosses, config.frame_size, rate, crop)
