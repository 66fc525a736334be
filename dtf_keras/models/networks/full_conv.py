"""The rows of the source that fuse every frame (models.md, section 9)."""

import dataclasses

from dtf_keras.layers import (
    LocalTopKAttention,
    TemporalAttention3,
    scale_channels,
)
from dtf_keras.models.config import ModelConfig, option
from dtf_keras.models.parts.convolutions import conv_block, last_k3, two_k5
from dtf_keras.models.registry import SourceRow, register


@register(
    ModelConfig,
    "two Conv1D k5, each pooled by 2; Conv1D k3 to 2D",
    SourceRow(
        "baseline",
        {"baseline": 29.2, "baseline, second figure": 27.2, "len_video": 27.5},
        10_173_301,
    ),
)
def full_conv(x, config):
    return last_k3(two_k5(x, config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV3Config(ModelConfig):
    """Options: heads and k of the attention, its dropout, the source's layer norm."""

    num_heads: int = option(8, 4, 8, at_least=1)
    window: int = option(8, 4, 8, 12, at_least=1)
    dropout: float = option(0.1, 0.0, 0.1, 0.2, 0.3, at_least=0, below=1)
    unbiased_norm: bool = False


@register(
    FullConvV3Config,
    "two Conv1D k5, each pooled by 2; local top-k self-attention; Conv1D k3 to 2D",
    SourceRow("v3, fine-tuned", {"finetune": 27.7}, 11_224_949),
)
def full_conv_v3(x, config):
    x = two_k5(x, config)
    x = LocalTopKAttention(
        config.num_heads,
        config.window,
        config.dropout,
        config.unbiased_norm,
        config.seed,
        name="attention",
    )(x)
    return last_k3(x, config)


@dataclasses.dataclass(frozen=True)
class FullConvV5Config(ModelConfig):
    """Options: k of the dynamic framing, and whether frames keep their own feature."""

    window: int = option(16, 8, 12, 16, 20, at_least=1)
    residual: bool = option(True, True, False)


@register(
    FullConvV5Config,
    "TemporalAttention3 on all frames; two Conv1D k5, each pooled by 2; "
    "Conv1D k3 to 2D",
    SourceRow(
        "full_model_v5",
        {
            "frozen_backbone": 29.4,
            "scratch": 28.0,
            "scratch_no_residual": 36.2,
            "len_video": 26.3,
        },
        11_749_237,
    ),
)
def full_conv_v5(x, config):
    x = TemporalAttention3(config.window, config.residual, name="fusion")(x)
    return last_k3(two_k5(x, config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV9Config(ModelConfig):
    """Options: k among all frames, and k among the pooled ones."""

    window: int = option(16, 8, 12, 16, 20, at_least=1)
    pooled_window: int = option(4, 2, 4, 6, 8, at_least=1)


@register(
    FullConvV9Config,
    "TemporalAttention3 on all frames; two Conv1D k5, each pooled by 2; "
    "TemporalAttention3 on the pooled frames; Conv1D k3 to 2D",
    SourceRow(
        "v9, beyond the table", {"default": 26.0, "224 pixels": 23.8}, 13_325_173
    ),
)
def full_conv_v9(x, config):
    x = TemporalAttention3(config.window, name="fusion")(x)
    x = two_k5(x, config)
    x = TemporalAttention3(config.pooled_window, name="pooled_fusion")(x)
    return last_k3(x, config)


@dataclasses.dataclass(frozen=True)
class FullConvV10Config(ModelConfig):
    """Options: k among the pooled frames."""

    pooled_window: int = option(4, 2, 4, 6, 8, at_least=1)


@register(
    FullConvV10Config,
    "two Conv1D k5, each pooled by 2; TemporalAttention3 on the pooled frames; "
    "Conv1D k3 to 2D",
    SourceRow("v10, beyond the table", {"default": 24.2}, 11_749_237),
)
def full_conv_v10(x, config):
    x = two_k5(x, config)
    x = TemporalAttention3(config.pooled_window, name="pooled_fusion")(x)
    return last_k3(x, config)


@register(
    FullConvV9Config,
    "TemporalAttention3 on all frames; Conv1D k3 and Conv1D k1, each pooled by 2; "
    "TemporalAttention3 on the pooled frames; Conv1D k3 to 2D",
    SourceRow("v11, beyond the table", {"default": 24.5}, 11_752_309),
)
def full_conv_v11(x, config):
    units = scale_channels(512, config.width)
    x = TemporalAttention3(config.window, name="fusion")(x)
    x = conv_block(x, units, 3, "enc1", pool=True)
    x = conv_block(x, units, 1, "enc2", pool=True)
    x = TemporalAttention3(config.pooled_window, name="pooled_fusion")(x)
    return last_k3(x, config)
