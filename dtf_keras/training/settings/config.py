"""The settings that decide the numbers of a run."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from dtf_keras.decoding import DecoderOptions
from dtf_keras.training.settings.checks import SettingError, check
from dtf_keras.words import unknown

DEFAULT_MODEL = "full_conv_v10"


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
    augment: bool | None = None
    """Show training clips a little differently each epoch; auto: if recorded."""
    augmentation: dict[str, Any] = field(default_factory=dict)
    """How, where not as usual, as JSON: '{"flip": 0.5, "rescale": [0.8, 1.2]}'."""
    frame_size: int | tuple[int, int] = 32
    """Height and width of the frames, in pixels: 112, or 84 126."""
    crop: float | None = None
    """Sides of the frames as shares of the recorded picture's; by default as the model
    reads recorded clips, 0.875 for all that are published here."""
    resize: Literal["bilinear", "lanczos"] | None = None
    """How recorded pictures are resized; by default as the model reads them."""
    num_clips: int | None = None
    """Training clips to use, the corpus' first ones; all of them by default."""
    num_eval_clips: int | None = None
    """Clips to use of each dev and test split; all of them by default."""
    epochs: int = 12
    """Passes over the training clips."""
    batch_size: int = 8
    """Clips in a training step."""
    accumulate: int = 1
    """Training steps whose gradients, their mean, make one update of the weights.
    Learning rate, warm-up and --ema go by updates."""
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
    """Steps over which the learning rate first rises from 0; a tenth of the run where
    that has no more."""
    layer_rates: dict[str, Any] = field(default_factory=dict)
    """Factors on the learning rate, by layer name, as JSON: '{"enc*": 0.1}'."""
    freeze: tuple[str, ...] = ()
    """Layers that are not trained, by name: backbone 'enc*' 'backbone/stem_*'."""
    freeze_norm_scales: bool = False
    """Leave scale and shift of all batch norms as they begin; their statistics move."""
    init_from: str | None = None
    """Start from these weights, layer by layer: a run folder, a preset folder, a
    .weights.h5 file, or recipe:NAME for a finished run of that recipe in runs/, else
    the zoo's preset of it."""
    init_layers: tuple[str, ...] = ("*",)
    """Layers that take the weights of --init-from, by name."""
    backbone_weights: str | None = None
    """Start the backbone alone from these weights: torchvision's file of a ResNet
    (resnet18-f37072fd.pth), a preset of KerasHub (resnet_18_imagenet), a run folder, a
    preset folder or a .weights.h5 file."""
    ema: float = 0.0
    """Momentum of a running average of the weights, such as 0.99, that is evaluated
    and kept in place of the weights themselves; 0: none."""
    clip_norm: float = 5.0
    """Largest norm of the gradient of all weights together; 0: no limit."""
    weight_decay: float = 0.0
    """Decoupled weight decay a step, times the learning rate; 0: none."""
    l2: float = 0.0
    """Share of the weights that is added to the gradient, as PyTorch's Adam decays
    weights; 0: none."""
    decoder: DecoderOptions = field(default_factory=DecoderOptions)
    """How the glosses of dev and test clips are read off the model."""
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    """Keras dtype policy of the model."""
    remat: bool = False
    """Make what the backbone makes on the way anew for the gradient (keras.remat): less
    memory, more time, the same numbers."""
    jit_compile: bool | None = None
    """XLA compilation; auto leaves it to Keras (JAX: yes, torch: no)."""

    def __post_init__(self):
        for name in ("milestones", "freeze", "init_layers", "frame_size"):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
        size = self.frame_size
        if isinstance(size, tuple) and size == size[:1] * 2:
            object.__setattr__(self, "frame_size", size[0])
        check(self)

    def differences(self, other):
        """Names of the settings in which `other` differs, in order."""
        names = (setting.name for setting in dataclasses.fields(self))
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def to_dict(self):
        """All settings as a JSON-able dict."""
        settings = {**dataclasses.asdict(self), "decoder": self.decoder.to_dict()}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in settings.items()
        }

    @classmethod
    def from_dict(cls, settings):
        """The config of a dict of settings; those left out have their defaults.

        Raises:
            SettingError: a setting that does not exist, or a value that it cannot have.
        """
        known = [setting.name for setting in dataclasses.fields(cls)]
        for name in settings:
            if name not in known:
                raise SettingError(unknown("setting", name, known, "See --help."))
        if isinstance(settings.get("decoder"), dict):
            try:
                decoder = DecoderOptions.from_dict(settings["decoder"])
            except ValueError as error:
                raise SettingError(str(error)) from error
            settings = {**settings, "decoder": decoder}
        return cls(**settings)


def smoke_of(config):
    """A run like another that only shows that everything works, within a minute."""
    return dataclasses.replace(
        config,
        width=0.0625,
        num_clips=24,
        num_eval_clips=8,
        epochs=2,
        batch_size=8,
        warmup_steps=2,
    )
