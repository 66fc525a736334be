"""Convolutions over time as matrix products."""

import functools

import keras
from keras import ops


class ProductPerStep:
    """Mixin of a `Conv1D` of `[B, T, D]`: a matrix product for each step of its kernel.

    On PyTorch that takes two thirds of a convolution's time. Not so in half precision,
    where each product would be rounded by itself.
    """

    def call(self, inputs):
        half = self.compute_dtype in ("float16", "bfloat16")
        if keras.backend.backend() != "torch" or half or self.groups != 1:
            return super().call(inputs)
        (dilation,) = self.dilation_rate
        reach = dilation * (self.kernel_size[0] - 1)
        if self.padding != "valid":
            before = reach if self.padding == "causal" else reach // 2
            inputs = ops.pad(inputs, ((0, 0), (before, reach - before), (0, 0)))
        steps = inputs.shape[1] - reach
        products = [
            ops.matmul(inputs[:, first : first + steps], self.kernel[at])
            for at, first in enumerate(range(0, reach + 1, dilation))
        ]
        if self.use_bias:
            products.append(self.bias)
        outputs = functools.reduce(ops.add, products)
        return outputs if self.activation is None else self.activation(outputs)
