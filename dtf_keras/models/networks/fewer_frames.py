"""The rows of the source that keep some frames only (models.md, section 9)."""

import dataclasses

from dtf_keras.layers import (
    CausalTCNBlock,
    HashMapMerge,
    LongestClipMask,
    MaskLike,
    TemporalAttention4,
    scale_channels,
)
from dtf_keras.models.config import ModelConfig, option
from dtf_keras.models.parts.convolutions import conv_block, last_k3
from dtf_keras.models.registry import SourceRow, register


@dataclasses.dataclass(frozen=True)
class FullConvV6Config(ModelConfig):
    """Options: k, whether anchors keep their own feature, one draw for a batch."""

    window: int = option(12, 8, 12, 16, at_least=1)
    residual: bool = option(False, True, False)
    shared_sample: bool = False


@register(
    FullConvV6Config,
    "TemporalAttention4 on a quarter of the frames; Conv1D k5; Conv1D k3 to 2D",
    SourceRow(
        "v6, random sample after framing",
        {"default": 29.9, "residual": 38.7},
        10_436_981,
    ),
)
def full_conv_v6(x, config):
    x = _sampled(x, config)
    x = conv_block(x, scale_channels(512, config.width), 5, "enc1")
    return last_k3(x, config)


@dataclasses.dataclass(frozen=True)
class FullConvV7Config(FullConvV6Config):
    """Options: k of the dynamic framing, residual, dropout of the TCN block."""

    dropout: float = option(0.2, 0.0, 0.1, 0.2, 0.3, at_least=0, below=1)


@register(
    FullConvV7Config,
    "TemporalAttention4 on a quarter of the frames; causal TCN block; Conv1D k3 to 2D",
    SourceRow("v7, left empty in the source", {}, 10_700_661),
)
def full_conv_v7(x, config):
    x = _sampled(x, config)
    return last_k3(_tcn(x, config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV8Config(ModelConfig):
    """Options: k, dropout of the TCN block, the source's padding of merged clips."""

    window: int = option(8, 4, 8, 12, at_least=1)
    dropout: float = option(0.2, 0.0, 0.1, 0.2, 0.3, at_least=0, below=1)
    source_padding: bool = False


@register(
    FullConvV8Config,
    "HashMapMerge (one frame a neighbourhood); causal TCN block; Conv1D k3 to 2D",
    SourceRow('v8, "abandoned"', {"default": 44.2}, 10_700_661),
)
def full_conv_v8(x, config):
    merged = HashMapMerge(
        config.window, source_padding=config.source_padding, name="fusion"
    )(x)
    if not config.source_padding:
        return last_k3(_tcn(merged, config), config)
    x = LongestClipMask(name="batch_mask")(merged)
    x = last_k3(_tcn(x, config), config)
    return MaskLike(name="own_mask")([x, merged])


def _sampled(x, config):
    return TemporalAttention4(
        config.window,
        config.residual,
        seed=config.seed,
        shared_sample=config.shared_sample,
        name="fusion",
    )(x)


def _tcn(x, config):
    units = scale_channels(512, config.width)
    block = CausalTCNBlock(units, dropout=config.dropout, seed=config.seed, name="tcn")
    return block(x)
