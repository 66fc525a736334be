"""The source's networks that are no row of the zoo, put together from its layers."""

import keras
import numpy as np
import pytest
from keras import ops

from dtf_keras import layers
from dtf_keras.convert.assignments import assignments
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import to_numpy


class Network:
    """Applies layers one by one, each with its weights of a state dict."""

    def __init__(self, state_dict):
        self.state_dict = state_dict

    def apply(self, layer, module, x):
        layer.build(x.shape)
        for one in assignments(layer, f"{module}."):
            one.variable.assign(one.value(self.state_dict))
        return layer(x)

    def norm(self, module, x):
        norm = keras.layers.BatchNormalization(epsilon=1e-5)
        return ops.relu(self.apply(norm, module, x))

    def block(self, part, number, x, pool=1):
        convolution = f"{part}_conv{number}"
        size = self.state_dict[f"{convolution}.weight"].shape
        x = self.apply(layers.MaskedConv1D(size[0], size[2]), convolution, x)
        x = self.norm(f"{part}_bn{number}", x)
        return layers.MaskedMaxPooling1D(pool)(x)

    def encode(self, x):
        for number in range(3):
            layer = layers.LocalTopKAttention(8, 16, unbiased_norm=True)
            x = self.apply(layer, f"attn_enc.enc_layers.{number}", x)
        return x

    def classify(self, x):
        classes = self.state_dict["fc.bias"].size
        return self.apply(keras.layers.Dense(classes), "fc", x)


def attend(x, window):
    """The source's attention without projections."""
    layer = layers.LocalTopKAttention(num_heads=1, window=window)
    heads = layer._heads(x)
    weights = layer._weights(heads, heads, ops.ones(x.shape[:2], "bool"))
    return ops.matmul(weights[:, 0], x)


def full_conv_v1(net, x):
    x = net.encode(net.norm("cnn_bn", x))
    x = net.block("enc1", 2, net.block("enc1", 1, x, pool=2), pool=2)
    return net.classify(net.block("enc2", "", x))


def full_conv_v2(net, x):
    x = net.encode(net.norm("cnn_bn", x))
    x = net.block("enc", 2, net.block("enc", 1, x, pool=4))
    return net.classify(x)


def full_conv_v4(net, x):
    x = attend(net.norm("cnn_bn", x), 16)
    x = net.block("enc1", 2, net.block("enc1", 1, x, pool=2), pool=2)
    return net.classify(net.block("enc2", "", attend(x, 4)))


@pytest.mark.parametrize(
    ("case_id", "network"),
    [
        ("P24", full_conv_v1),
        ("P24", full_conv_v2),
        ("P48", full_conv_v4),
        ("P61", full_conv_v4),
    ],
)
def test_logits_from_the_features(case_id, network):
    row = network.__name__
    net = Network(recipe.weights(case_id, row))
    logits = network(net, ops.convert_to_tensor(recipe.features(case_id)))
    expected = recipe.outputs(case_id, row)["logits"]
    np.testing.assert_allclose(to_numpy(logits), expected, atol=2e-5, rtol=0)
