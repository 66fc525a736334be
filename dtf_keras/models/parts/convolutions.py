"""Pieces that the rows share."""

import keras

from dtf_keras.layers import (
    MaskedBatchNormalization,
    MaskedConv1D,
    MaskedMaxPooling1D,
    scale_channels,
)


def conv_block(x, filters, kernel_size, name, pool=False):
    """Conv1D over time, batch norm, ReLU, and a pooling by 2 if asked for.

    Args:
        x: KerasTensor `[B, T, D]`.
        filters: output features.
        kernel_size: frames.
        name: prefix of the layers' names.
        pool: halve the frames.

    Returns:
        `[B, T or T // 2, filters]`.
    """
    x = MaskedConv1D(filters, kernel_size, name=f"{name}_conv")(x)
    x = MaskedBatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(x)
    x = keras.layers.ReLU(name=f"{name}_relu")(x)
    if pool:
        x = MaskedMaxPooling1D(2, name=f"{name}_pool")(x)
    return x


def two_k5(x, config):
    """The first half of the head: two k5 convolutions, each pooled by 2."""
    units = scale_channels(512, config.width)
    x = conv_block(x, units, 5, "enc1", pool=True)
    return conv_block(x, units, 5, "enc2", pool=True)


def last_k3(x, config):
    """The last block before the classifier: k3, D -> 2D."""
    return conv_block(x, scale_channels(1024, config.width), 3, "enc3")
