"""Keras' layers with the weights of torch's modules do what these do."""

import keras
import numpy as np
import pytest

from dtf_keras.convert.assignments import assignments
from dtf_keras.convert.layouts import DENSE, SAME, by_class, without_ones
from tests.helpers.backends import to_numpy

torch = pytest.importorskip("torch")


def give_weights(layer, module, prefix="", **more):
    """Builds on both sides are done; copies torch's weights into the layer."""
    tensors = {
        f"{prefix}{n}": x.detach().numpy() for n, x in module.state_dict().items()
    }
    for one in assignments(layer, prefix, **more):
        for name, shape in zip(one.sources, one.shapes(), strict=True):
            assert without_ones(tensors[name], shape).shape == shape
        one.variable.assign(one.value(tensors))


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def ours(layer, x):
    return to_numpy(layer(x))


def theirs(module, x):
    with torch.no_grad():
        return module(torch.tensor(x))


@pytest.mark.parametrize("bias", [True, False])
def test_dense_layers(bias):
    x = random(2, 5, 4)
    layer = keras.layers.Dense(3, use_bias=bias)
    layer.build(x.shape)
    for module in (torch.nn.Linear(4, 3, bias), torch.nn.Conv1d(4, 3, 1, bias=bias)):
        give_weights(layer, module, "fc.")
        moved = x if isinstance(module, torch.nn.Linear) else x.transpose(0, 2, 1)
        y = theirs(module, moved).numpy()
        y = y if moved is x else y.transpose(0, 2, 1)
        np.testing.assert_allclose(ours(layer, x), y, atol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_convolutions(bias):
    x = random(2, 9, 4)
    layer = keras.layers.Conv1D(3, 5, use_bias=bias)
    layer.build(x.shape)
    module = torch.nn.Conv1d(4, 3, 5, bias=bias)
    give_weights(layer, module)
    y = theirs(module, x.transpose(0, 2, 1)).numpy().transpose(0, 2, 1)
    np.testing.assert_allclose(ours(layer, x), y, atol=1e-5)


@pytest.mark.parametrize("frames", [False, True])
def test_convolutions_of_pictures_also_with_a_kernel_of_one_frame(frames):
    x = random(2, 8, 9, 4)
    layer = keras.layers.Conv2D(3, (3, 5), use_bias=False)
    layer.build(x.shape)
    module = torch.nn.Conv2d(4, 3, (3, 5), bias=False)
    if frames:
        module = torch.nn.Conv3d(4, 3, (1, 3, 5), bias=False)
    give_weights(layer, module)
    axes = x.transpose(0, 3, 1, 2)
    y = theirs(module, axes[:, :, None] if frames else axes).numpy()
    y = (y[:, :, 0] if frames else y).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(ours(layer, x), y, atol=1e-5)


def test_batch_norms():
    x = random(6, 4)
    layer = keras.layers.BatchNormalization(epsilon=1e-5)
    layer.build(x.shape)
    module = torch.nn.BatchNorm1d(4)
    theirs(module, x + 1)
    with torch.no_grad():
        module.weight += 0.3
        module.bias -= 0.2
    give_weights(layer, module.eval())
    np.testing.assert_allclose(ours(layer, x), theirs(module, x), atol=1e-5)


@pytest.mark.parametrize("which", ["l0", "l0_reverse", "l1", "l1_reverse"])
@pytest.mark.parametrize(
    ("stack", "cell"),
    [
        (torch.nn.LSTM, keras.layers.LSTMCell),
        (torch.nn.GRU, keras.layers.GRUCell),
    ],
)
def test_gates(stack, cell, which):
    stack = stack(6, 3, num_layers=2, bidirectional=True, batch_first=True)
    x = random(2, 5, 6)
    cell = cell(3)
    cell.build((None, 6))
    give_weights(cell, stack, "rnn.", which=which)
    backwards = which.endswith("reverse")
    layer = keras.layers.RNN(cell, return_sequences=True, go_backwards=backwards)
    # A stack of one layer and direction with these weights.
    single = type(stack)(6, 3, batch_first=True)
    single.load_state_dict(
        {
            name: stack.state_dict()[name.replace("l0", which)]
            for name in single.state_dict()
        }
    )
    y, _ = theirs(single, x[:, ::-1].copy() if backwards else x)
    np.testing.assert_allclose(ours(layer, x), y, atol=1e-5)


def test_classes_in_another_order():
    order = np.array([3, 0, 1])
    kernel, bias = random(4, 5), random(4)
    layout = by_class(DENSE, order, 4)
    assert layout.sources((5, 3)) == [(4, 5)]
    np.testing.assert_array_equal(layout.fold(kernel), kernel[order].T)
    layout = by_class(SAME, order, 4)
    assert layout.sources((3,)) == [(4,)]
    np.testing.assert_array_equal(layout.fold(bias), bias[order])


def test_only_sizes_of_one_may_differ():
    assert without_ones(random(3, 4, 1), (3, 4)).shape == (3, 4)
    assert without_ones(random(3, 4, 1, 5, 5), (3, 4, 5, 5)).shape == (3, 4, 5, 5)
    for shape, asked in (((3, 4, 2), (3, 4)), ((3, 1), (3,)), ((4, 3, 1), (3, 4))):
        assert without_ones(random(*shape), asked).shape == shape


def test_other_layers_are_errors():
    with pytest.raises(TypeError, match="anything like Embedding"):
        assignments(keras.layers.Embedding(3, 4), "")
