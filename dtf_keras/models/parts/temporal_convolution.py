"""Convolutions over time that pad nothing, and poolings."""

import keras

from dtf_keras.layers import (
    MaskedBatchNormalization,
    MaskedMaxPooling1D,
    MaskedValidConv1D,
)
from dtf_keras.layers.temporal.edge_frames import parse_kernel


def temporal_convolution(x, kernels, units, path=""):
    """Applies a string of convolutions and poolings.

    `Kk` is a convolution of k steps without padding, batch norm and ReLU; `Pq` a max
    pooling by q. Convolutions are named `temporal_conv1`, `temporal_bn1`,
    `temporal_relu1` and on, poolings `temporal_pool1` and on.

    Args:
        x: KerasTensor `[B, T, D]`.
        kernels: such as `("K5", "P2", "K5", "P2")`.
        units: output features of each convolution.
        path: prefix of the layers' names.

    Returns:
        `[B, T', units]`.
    """
    convolutions = poolings = 0
    for kind, size in map(parse_kernel, kernels):
        if kind == "P":
            poolings += 1
            x = MaskedMaxPooling1D(size, name=f"{path}temporal_pool{poolings}")(x)
            continue
        convolutions += 1
        x = MaskedValidConv1D(
            units,
            size,
            kernel_initializer=keras.initializers.VarianceScaling(
                1 / 3, "fan_in", "uniform"
            ),
            name=f"{path}temporal_conv{convolutions}",
        )(x)
        x = MaskedBatchNormalization(
            momentum=0.9, epsilon=1e-5, name=f"{path}temporal_bn{convolutions}"
        )(x)
        x = keras.layers.ReLU(name=f"{path}temporal_relu{convolutions}")(x)
    return x
