"""The rows of the seed project that fuse every frame."""

import dataclasses

from dtf_keras.layers import LocalTopKAttention, TemporalAttention3, scale_channels
from dtf_keras.models.config import option
from dtf_keras.models.parts.convolutions import conv_block, last_k3, two_k5
from dtf_keras.models.parts.plain import (
    PlainConfig,
    classify,
    features_of,
    register_row,
)


@register_row(
    PlainConfig,
    "two Conv1D k5, each pooled by 2; Conv1D k3 to 2D",
    row="baseline",
    parameters=10_173_301,
)
def full_conv(inputs, config):
    x = features_of(inputs, config)
    return classify(last_k3(two_k5(x, config), config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV3Config(PlainConfig):
    """Options: heads and k of the attention, its dropout, the source's layer norm."""

    num_heads: int = option(8, 4, 8, at_least=1)
    window: int = option(8, 4, 8, 12, at_least=1)
    dropout: float = option(0.1, 0.0, 0.1, 0.2, 0.3, at_least=0, below=1, training=True)
    unbiased_norm: bool = False


@register_row(
    FullConvV3Config,
    "two Conv1D k5, each pooled by 2; local top-k self-attention; Conv1D k3 to 2D",
    row="v3, fine-tuned",
    parameters=11_224_949,
)
def full_conv_v3(inputs, config):
    x = two_k5(features_of(inputs, config), config)
    x = LocalTopKAttention(
        config.num_heads,
        config.window,
        config.dropout,
        config.unbiased_norm,
        config.seed,
        name="attention",
    )(x)
    return classify(last_k3(x, config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV5Config(PlainConfig):
    """Options: k of the dynamic framing, and whether frames keep their own feature."""

    window: int = option(16, 8, 12, 16, 20, at_least=1)
    residual: bool = option(True, True, False)


@register_row(
    FullConvV5Config,
    "TemporalAttention3 on all frames; two Conv1D k5, each pooled by "
    "2; Conv1D k3 to 2D",
    row="full_model_v5",
    parameters=11_749_237,
)
def full_conv_v5(inputs, config):
    x = features_of(inputs, config)
    x = TemporalAttention3(config.window, config.residual, name="fusion")(x)
    return classify(last_k3(two_k5(x, config), config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV9Config(PlainConfig):
    """Options: k among all frames, and k among the pooled ones."""

    window: int = option(16, 8, 12, 16, 20, at_least=1)
    pooled_window: int = option(4, 2, 4, 6, 8, at_least=1)


@register_row(
    FullConvV9Config,
    "TemporalAttention3 on all frames; two Conv1D k5, each pooled by "
    "2; TemporalAttention3 on the pooled frames; Conv1D k3 to 2D",
    row="v9, beyond the table",
    parameters=13_325_173,
)
def full_conv_v9(inputs, config):
    x = features_of(inputs, config)
    x = TemporalAttention3(config.window, name="fusion")(x)
    x = two_k5(x, config)
    x = TemporalAttention3(config.pooled_window, name="pooled_fusion")(x)
    return classify(last_k3(x, config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV10Config(PlainConfig):
    """Options: k among the pooled frames."""

    pooled_window: int = option(4, 2, 4, 6, 8, at_least=1)


@register_row(
    FullConvV10Config,
    "two Conv1D k5, each pooled by 2; TemporalAttention3 on the pooled "
    "frames; Conv1D k3 to 2D",
    row="v10, beyond the table",
    parameters=11_749_237,
)
def full_conv_v10(inputs, config):
    x = two_k5(features_of(inputs, config), config)
    x = TemporalAttention3(config.pooled_window, name="pooled_fusion")(x)
    return classify(last_k3(x, config), config)


@register_row(
    FullConvV9Config,
    "TemporalAttention3 on all frames; Conv1D k3 and Conv1D k1, each "
    "pooled by 2; TemporalAttention3 on the pooled frames; Conv1D k3 to 2D",
    row="v11, beyond the table",
    parameters=11_752_309,
)
def full_conv_v11(inputs, config):
    units = scale_channels(512, config.width)
    x = features_of(inputs, config)
    x = TemporalAttention3(config.window, name="fusion")(x)
    x = conv_block(x, units, 3, "enc1", pool=True)
    x = conv_block(x, units, 1, "enc2", pool=True)
    x = TemporalAttention3(config.pooled_window, name="pooled_fusion")(x)
    return classify(last_k3(x, config), config)
