import sys

import numpy as np
import pytest

from dtf_keras import convert, layers
from dtf_keras.convert.imagenet import KerasHubError, keras_hub_tensors, load_resnet
from tests.helpers import imagenet, published
from tests.helpers.backends import to_numpy
from tests.helpers.small import FEW


def resnet(blocks=FEW["blocks"], **options):
    made = layers.ResNet(blocks, 0.0625, **options)
    made.build((None, None, 32, 32, 3))
    return made


def test_a_resnet_has_the_weights_that_a_converted_network_has():
    blocks = (2, 2, 2, 2)
    ours = resnet(blocks)
    found = load_resnet(ours, imagenet.tensors(blocks))
    model = convert.from_state_dict(published.state_dict("vac"), frame_size=32)
    theirs = model.get_layer("backbone")
    for one, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, expected)
    assert len(found.loaded) == 2 + 8 * 4 + 3 * 2
    assert "layer2_0/downsample_bn" in found.loaded
    assert not found.fresh
    assert found.unused == ("fc.weight", "fc.bias")


def test_layers_put_into_it_stay_fresh():
    scale = layers.MaskedBatchNormalization(name="scale")
    inner = layers.FrameConv2D(8, 3, name="inner")
    ours = resnet(after_stages=[scale, None], in_blocks=[None, inner])
    before = to_numpy(inner.kernel)
    found = load_resnet(ours, imagenet.tensors())
    assert found.fresh == {
        "scale": "not in the file",
        "layer2_0/inner": "not in the file",
    }
    np.testing.assert_array_equal(to_numpy(inner.kernel), before)


def without(name):
    return {key: x for key, x in imagenet.tensors().items() if key != name}


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (without("layer2.0.conv2.weight"), r"there is no layer2\.0\.conv2\.weight"),
        (imagenet.tensors((1, 2)), r"there is a layer2\.1\.conv1\.weight too"),
        (
            imagenet.tensors() | {"layer1.0.conv3.weight": np.ones(3)},
            r"there is a layer1\.0\.conv3\.weight too",
        ),
        (
            imagenet.tensors() | {"conv1.weight": np.ones((64, 3, 7, 7))},
            r"conv1\.weight is \(64, 3, 7, 7\), and \(4, 3, 7, 7\) here",
        ),
        (
            imagenet.tensors() | {"bn1.bias": np.full(4, np.nan)},
            r"bn1\.bias has NaN",
        ),
    ],
)
def test_of_tensors_that_do_not_fit_none_is_taken(tensors, message):
    ours = resnet()
    before = ours.get_weights()
    with pytest.raises(convert.StateDictError, match=message):
        load_resnet(ours, tensors)
    for one, expected in zip(ours.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, expected)


def test_kerashubs_resnet_has_the_same_tensors(monkeypatch):
    imagenet.install_keras_hub(monkeypatch, imagenet.tensors())
    found = keras_hub_tensors("resnet_18_imagenet")
    expected = {
        name: array
        for name, array in imagenet.tensors().items()
        if not name.startswith("fc.") and not name.endswith("tracked")
    }
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def test_a_preset_that_cannot_be_had_is_told_in_a_line(monkeypatch):
    imagenet.install_keras_hub(monkeypatch, imagenet.tensors())
    with pytest.raises(
        KerasHubError, match=r"resnet_19 is no file.*: Unknown preset \S*$"
    ):
        keras_hub_tensors("resnet_19")
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(KerasHubError, match=r'pip install "dtf_keras\[keras-hub\]"$'):
        keras_hub_tensors("resnet_18_imagenet")
