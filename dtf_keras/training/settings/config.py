"""The settings that decide the numbers of a run, and their file."""

import dataclasses
import difflib
import json
import pathlib
from dataclasses import dataclass, field
from typing import Any, Literal

from dtf_keras.decoding import DecoderOptions
from dtf_keras.training.settings.checks import SettingError, check
from dtf_keras.values import fits, type_name

DEFAULT_MODEL = "full_conv_v5"


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides the numbers of a training run.

    Two runs of the same config on the same CPU and backend give the same numbers; a
    GPU may sum in another order. Raises `SettingError`, naming the setting, for a
    value that cannot be.
    """

    model: str = DEFAULT_MODEL
    """Zoo model to train, as `dtf_keras.zoo.list()` names it."""
    options: dict[str, Any] = field(default_factory=dict)
    """Options of the model's own, as JSON: '{"residual": true}'."""
    width: float = 0.25
    """Factor on all channel counts of the model; 1 is the published size."""
    data: str = "fingerspelling"
    """Corpus to train and measure on, as `dtf_keras.data.list()` names it."""
    root: str | None = None
    """Where the corpus is: a folder, or a file that pack.py wrote."""
    data_options: dict[str, Any] = field(default_factory=dict)
    """Other options of the corpus, as JSON: '{"vocabulary": "glosses.txt"}'."""
    on_bad_clip: Literal["stop", "skip"] = "stop"
    """What to do with clips whose files are missing, damaged or too short."""
    augment: Literal["auto", "true", "false"] = "auto"
    """Show training clips a little differently each epoch; auto: if recorded."""
    augmentation: dict[str, Any] = field(default_factory=dict)
    """How, where not as usual, as JSON: '{"drop": 0.1, "flip": 0.5}'."""
    frame_size: int = 32
    """Height and width of the frames, in pixels."""
    num_clips: int | None = None
    """Training clips to use, the corpus' first ones; all of them by default."""
    num_eval_clips: int | None = None
    """Clips to use of each dev and test split; all of them by default."""
    epochs: int = 12
    """Passes over the training clips."""
    batch_size: int = 8
    """Clips in a training step."""
    seed: int = 1
    """Seed of the weights, the order of the clips and all sampling."""
    learning_rate: float = 2e-3
    """Highest learning rate of Adam."""
    schedule: Literal["cosine", "step"] = "cosine"
    """How it falls: to 0 along a cosine, or by a factor at the milestones."""
    milestones: tuple[int, ...] = ()
    """Schedule step: epochs after which the learning rate falls, such as 40 60."""
    milestone_factor: float = 0.5
    """Schedule step: factor on the learning rate at each milestone."""
    warmup_steps: int = 50
    """Steps over which the learning rate first rises from 0."""
    layer_rates: dict[str, Any] = field(default_factory=dict)
    """Factors on the learning rate, by layer name, as JSON: '{"enc*": 0.1}'."""
    freeze: tuple[str, ...] = ()
    """Layers that are not trained, by name: backbone 'enc*' 'backbone/stem_*'."""
    init_from: str | None = None
    """Start from these weights, layer by layer: a run folder, a preset folder, a
    .weights.h5 file, or recipe:NAME for a finished run of that recipe in runs/, else
    the zoo's preset of it."""
    init_layers: tuple[str, ...] = ("*",)
    """Layers that take the weights of --init-from, by name."""
    ema: float = 0.0
    """Momentum of a running average of the weights, such as 0.99, that is evaluated
    and kept in place of the weights themselves; 0: none."""
    clip_norm: float = 5.0
    """Largest norm of the gradient of all weights together; 0: no limit."""
    weight_decay: float = 0.0
    """Decoupled weight decay a step, times the learning rate; 0: none."""
    ctc_lengths: Literal["true", "padded"] = "true"
    """Length of a clip in the loss: its own, or (an ablation) its batch's."""
    decoder: Literal["greedy", "beam"] = "greedy"
    """How the glosses of dev and test clips are read off the model."""
    beam_width: int = 5
    """Decoder beam: prefixes kept after each step."""
    merge_repeats: Literal["true", "false"] = "false"
    """Make equal neighbours among the recognised glosses one."""
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    """Keras dtype policy of the model."""
    jit_compile: Literal["auto", "true", "false"] = "auto"
    """XLA compilation; auto leaves it to Keras (JAX: yes, torch: no)."""

    def __post_init__(self):
        for name in ("milestones", "freeze", "init_layers"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check(self)

    def differences(self, other):
        """Names of the settings in which `other` differs, in order."""
        names = (setting.name for setting in dataclasses.fields(self))
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def decoder_options(self):
        """How dev and test clips are decoded: `dtf_keras.decoding.DecoderOptions`."""
        beam = {"width": self.beam_width} if self.decoder == "beam" else {}
        return DecoderOptions(
            strategy=self.decoder,
            merge_repeated_glosses=self.merge_repeats == "true",
            **beam,
        )

    def to_dict(self):
        """All settings as a JSON-able dict."""
        settings = dataclasses.asdict(self)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in settings.items()
        }

    @classmethod
    def from_dict(cls, settings):
        """The config of a dict of settings; those left out have their defaults.

        Raises:
            SettingError: a setting that does not exist, or of the wrong type.
        """
        fields = {setting.name: setting for setting in dataclasses.fields(cls)}
        for name, value in settings.items():
            if name not in fields:
                close = difflib.get_close_matches(name, fields, n=1)
                hint = f"did you mean {close[0]!r}?" if close else "see --help."
                raise SettingError(f"There is no setting {name!r}: {hint}")
            if not fits(value, fields[name].type):
                raise SettingError(
                    f"{name} is {value!r}: expected {type_name(fields[name].type)}."
                )
        return cls(**settings)


SMOKE = RunConfig(
    width=0.0625,
    num_clips=24,
    num_eval_clips=8,
    epochs=2,
    warmup_steps=2,
)
"""A run that only shows that everything works, within about a minute."""


def read_config(path):
    """The config in a run folder's `config.json`, and what it was made with.

    Args:
        path: the file.

    Returns:
        `RunConfig`, and a dict of backend, versions and corpus (empty in a file
        written by hand).

    Raises:
        FileNotFoundError: no such file.
        SettingError: the file is not a JSON object or has an unknown setting.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no config file {path}: give the config.json of a run folder."
        )
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(settings, dict):
            raise SettingError("it is not a JSON object of settings.")
        made_with = settings.pop("made_with", {})
        return RunConfig.from_dict(settings), made_with
    except ValueError as error:
        raise SettingError(f"{path}: {error}") from error
