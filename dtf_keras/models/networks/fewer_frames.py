"""The rows of the seed project that keep some frames only."""

import dataclasses

from dtf_keras.layers import (
    CausalTCNBlock,
    HashMapMerge,
    LongestClipMask,
    MaskLike,
    TemporalAttention4,
    scale_channels,
)
from dtf_keras.models.config import option
from dtf_keras.models.parts.convolutions import conv_block, last_k3
from dtf_keras.models.parts.plain import (
    PlainConfig,
    classify,
    features_of,
    register_row,
)


@dataclasses.dataclass(frozen=True)
class FullConvV6Config(PlainConfig):
    """Options: k, whether anchors keep their own feature, one draw for a batch."""

    window: int = option(12, 8, 12, 16, at_least=1)
    residual: bool = option(False, True, False)
    shared_sample: bool = False


@register_row(
    FullConvV6Config,
    "TemporalAttention4 on a quarter of the frames; Conv1D k5; Conv1D k3 to 2D",
    row="v6, random sample after framing",
    parameters=10_436_981,
)
def full_conv_v6(inputs, config):
    x = _sampled(features_of(inputs, config), config)
    x = conv_block(x, scale_channels(512, config.width), 5, "enc1")
    return classify(last_k3(x, config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV7Config(FullConvV6Config):
    """Options: k of the dynamic framing, residual, dropout of the TCN block."""

    dropout: float = option(0.2, 0.0, 0.1, 0.2, 0.3, at_least=0, below=1, training=True)


@register_row(
    FullConvV7Config,
    "TemporalAttention4 on a quarter of the frames; causal TCN block; Conv1D k3 to 2D",
    row="v7, left empty in the source",
    parameters=10_700_661,
)
def full_conv_v7(inputs, config):
    x = _sampled(features_of(inputs, config), config)
    return classify(last_k3(_tcn(x, config), config), config)


@dataclasses.dataclass(frozen=True)
class FullConvV8Config(PlainConfig):
    """Options: k, dropout of the TCN block, the source's padding of merged clips."""

    window: int = option(8, 4, 8, 12, at_least=1)
    dropout: float = option(0.2, 0.0, 0.1, 0.2, 0.3, at_least=0, below=1, training=True)
    source_padding: bool = False


@register_row(
    FullConvV8Config,
    "HashMapMerge (one frame a neighbourhood); causal TCN block; Conv1D k3 to 2D",
    row='v8, "abandoned"',
    parameters=10_700_661,
)
def full_conv_v8(inputs, config):
    merged = HashMapMerge(
        config.window, source_padding=config.source_padding, name="fusion"
    )(features_of(inputs, config))
    x = merged
    if config.source_padding:
        x = LongestClipMask(name="batch_mask")(x)
    x = last_k3(_tcn(x, config), config)
    if config.source_padding:
        x = MaskLike(name="own_mask")([x, merged])
    return classify(x, config)


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
