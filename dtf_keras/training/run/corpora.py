"""The corpus of a run: its splits, each loaded once, and the batches of training."""

import dataclasses

from dtf_keras import data, models
from dtf_keras.data.batches.sharing import ALONE
from dtf_keras.data.corpora.recorded import CROP
from dtf_keras.training.settings.config import SettingError
from dtf_keras.words import tell, unknown

# How recorded corpora make their frames ready where nobody says how.
_OF_ITSELF = {"crop": CROP, "resize": "bilinear"}


def load_split(config, split, input_format=None):
    """A split of the run's corpus, as it is for any model.

    Args:
        config: `RunConfig`.
        split: name of the split; all but "train" have `num_eval_clips` clips.
        input_format: `InputFormat` that trained weights read; by default that which
            the model asks for. Recorded clips are cropped and resized as it says, where
            the config says nothing.

    Raises:
        SettingError: no such corpus or model, or a corpus that cannot be used.
    """
    try:
        options = _options(config, split, input_format)
        return data.load(config.data, split, **options)
    except (ValueError, ModuleNotFoundError) as error:
        raise SettingError(str(error)) from error


def for_model(config, corpus, model, say=tell):
    """The corpus of the clips that are long enough for the model of a run.

    Args:
        config: `RunConfig`; clips that are too short are an error, or left out, as its
            `on_bad_clip` says.
        corpus: split of `load_split`.
        model: `make_model` of the same config.
        say: function that shows a line of text.

    Raises:
        SettingError: a clip that is too short; or none is left.
    """
    try:
        return corpus.for_model(model.time_axis, config.on_bad_clip, say)
    except ValueError as error:
        raise SettingError(str(error)) from error


def training_batches(config, train, time_axis, sharing=ALONE):
    """The shuffled batches of the training split, augmented if the config says so.

    Args:
        config: `RunConfig`.
        train: training split.
        time_axis: that of the model.
        sharing: `Sharing` between devices.

    Raises:
        SettingError: an augmentation that cannot be.
    """
    augmentation = train.augmentation
    if config.augment:
        augmentation = augmentation or data.Augmentation()
    elif config.augment is False:
        augmentation = None
    if config.augmentation:
        augmentation = _changed(augmentation, config.augmentation)
    return train.batches(
        config.batch_size,
        shuffle=True,
        seed=config.seed,
        augmentation=augmentation,
        time_axis=time_axis,
        sharing=sharing,
    )


def _options(config, split, input_format):
    """Options of the corpus."""
    num_clips = config.num_clips if split == "train" else config.num_eval_clips
    options = {"frame_size": config.frame_size, "num_clips": num_clips}
    known = data.options(config.data)
    if config.options.get("input") == "landmarks":
        if "kind" not in known:
            raise SettingError(
                f"The model reads landmarks, and the corpus {config.data} has none."
            )
        options["kind"] = "hand_landmarks"
    wanted = models.entry(config.model).input
    if input_format is not None:
        wanted = {option: getattr(input_format, option) for option in _OF_ITSELF}
    for option in _OF_ITSELF:
        given, asked = getattr(config, option), wanted.get(option)
        if given is not None:
            options[option] = given
        elif asked not in (None, _OF_ITSELF[option]) and option in known:
            options[option] = asked
    for option in {*options, *_OF_ITSELF} & config.data_options.keys():
        flag = option.replace("_", "-")
        raise SettingError(f"{option} is no option of the corpus here: give --{flag}.")
    if config.root is not None:
        options["root"] = config.root
    if "on_bad_clip" in known:
        options["on_bad_clip"] = config.on_bad_clip
    return options | config.data_options


def _changed(augmentation, changes):
    if augmentation is None:
        raise SettingError(
            "augmentation is given, but the training clips are shown as they are: "
            "give --augment true, or leave it out."
        )
    if changes.get("rescale"):  # it stands in the place of the two
        changes = {"repeat": 0.0, "drop": 0.0, **changes}
    known = [setting.name for setting in dataclasses.fields(augmentation)]
    for name in changes:
        if name not in known:
            raise SettingError(unknown("setting", name, known, of="augmentation"))
    try:
        return dataclasses.replace(augmentation, **changes)
    except ValueError as error:
        raise SettingError(f"augmentation: {error}") from error
