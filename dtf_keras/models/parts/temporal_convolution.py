"""Convolutions over time that pad nothing, and poolings."""

import keras

from dtf_keras.layers import (
    LiftingPool,
    MaskedBatchNormalization,
    MaskedMaxPooling1D,
    MaskedValidConv1D,
)
from dtf_keras.layers.temporal.edge_frames import parse_kernel


def temporal_convolution(x, kernels, units, path="", pool=MaskedMaxPooling1D):
    """Applies a string of convolutions and poolings.

    `Kk` is a convolution of k steps without padding, batch norm and ReLU; `Pq` a
    pooling by q. Convolutions are named `temporal_conv1`, `temporal_bn1`,
    `temporal_relu1` and on, poolings `temporal_pool1` and on.

    Args:
        x: KerasTensor `[B, T, D]`.
        kernels: such as `("K5", "P2", "K5", "P2")`.
        units: output features of each convolution.
        path: prefix of the layers' names.
        pool: the pooling's layer, called with q and a `name`.

    Returns:
        `[B, T', units]`.
    """
    convolutions = poolings = 0
    for kind, size in map(parse_kernel, kernels):
        if kind == "P":
            poolings += 1
            x = pool(size, name=f"{path}temporal_pool{poolings}")(x)
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


def lifting_convolution(x, kernels, units, path="", weight=0.0, source_padding=False):
    """`temporal_convolution` with lifting pools.

    Args:
        x: KerasTensor `[B, T, D]`.
        kernels: such as `("K5", "P2", "K5", "P2")`; every pooling is by 2.
        units: output features of each convolution.
        path: prefix of the layers' names.
        weight: of the pools' losses.
        source_padding: whether the pools read padding as in the source.

    Returns:
        `[B, T', units]`.

    Raises:
        ValueError: a pooling by another number.
    """

    def pool(size, name):
        if size != 2:
            raise ValueError(f"A lifting pool halves the steps. Received: P{size}.")
        return LiftingPool(weight, source_padding, name=name)

    return temporal_convolution(x, kernels, units, path, pool)
