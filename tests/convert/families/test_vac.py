"""Files of VAC and SMKD."""

import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import network_recipe as recipe

WIDTH = 0.0625
FRAMES = {"frame_size": (32, 48)}


def assert_same_weights(model, other):
    for found, one in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(found, one)


@pytest.mark.parametrize(
    ("network", "name", "options"),
    [
        ("vac", "vac", {"weight_norm": False}),
        ("vac_norm", "vac", {"weight_norm": True}),
        ("vac_smkd", "vac_smkd", {}),
    ],
)
def test_tensors_tell_the_classifiers(network, name, options):
    result = convert.convert(recipe.narrow(network, WIDTH), **FRAMES)
    assert result.model.name == name
    assert {option: getattr(result.config, option) for option in options} == options
    assert result.classes.tolist() == list(range(20))
    second = ["conv1d.fc.weight"] if name == "vac_smkd" else []
    counters = {n for n in result.left_out if n.endswith("num_batches_tracked")}
    assert sorted({*result.left_out} - counters) == second
    with pytest.raises(ValueError, match="weight_norm"):
        convert.convert(recipe.narrow(network, WIDTH), weight_norm=True)


def test_the_input_format_is_the_familys():
    model = convert.from_state_dict(recipe.narrow("vac", WIDTH))
    said = model.input_format
    assert said.frame_size == (224, 224)
    assert (said.crop, said.resize) == (0.875, "lanczos")
    assert said.read_size == (256, 256)


def test_kernels_of_one_frame_are_those_of_pictures():
    state_dict = recipe.narrow("vac_smkd", WIDTH)
    deep = {n: x[:, :, None] if x.ndim == 4 else x for n, x in state_dict.items()}
    result = convert.convert(deep, **FRAMES)
    assert result.shapes["conv2d.conv1.weight"] == (4, 3, 1, 7, 7)
    assert_same_weights(result.model, convert.from_state_dict(state_dict, **FRAMES))


def test_one_of_the_shared_classifiers_is_enough():
    state_dict = recipe.narrow("vac_smkd", WIDTH)
    expected = convert.from_state_dict(state_dict, **FRAMES)
    for head in ("conv1d.fc.weight", "classifier.weight"):
        without = {name: x for name, x in state_dict.items() if name != head}
        model = convert.from_state_dict(without, **FRAMES)
        assert model.name == "vac_smkd"
        assert_same_weights(model, expected)


def test_shared_classifiers_that_differ_are_an_error():
    state_dict = recipe.narrow("vac_norm", WIDTH)
    message = "unlike their second name: classifier.weight and conv1d.fc.weight"
    with pytest.raises(convert.StateDictError, match=message):
        convert.from_state_dict(state_dict, "vac_smkd", **FRAMES)


def test_whether_batch_norm_was_trained_is_said():
    state_dict = recipe.narrow("vac", WIDTH)
    (note,) = convert.convert(state_dict, **FRAMES).notes
    assert note.endswith("were trained.")
    state_dict["conv1d.temporal_conv.1.weight"][:] = 1
    (note,) = convert.convert(state_dict, **FRAMES).notes
    assert "never trained" in note


def test_missing_tensors_are_named():
    state_dict = recipe.narrow("vac", WIDTH)
    for name in ("classifier.bias", "conv1d.temporal_conv.1.weight"):
        del state_dict[name]
    message = r"those of vac \(width 0.0625, 20 c.*(.|\n)*missing: .*classifier.bias"
    with pytest.raises(convert.StateDictError, match=message):
        convert.from_state_dict(state_dict, **FRAMES)


def test_no_class_is_special():
    with pytest.raises(ValueError, match="classes of vac are blank and glosses"):
        convert.from_state_dict(recipe.narrow("vac", WIDTH), keep_special=False)


def test_glosses_are_as_many_as_classes():
    result = convert.convert(recipe.narrow("vac", WIDTH, num_classes=3), **FRAMES)
    assert result.class_names(("RAIN", "SUN")) == ["RAIN", "SUN"]
    with pytest.raises(ValueError, match=r"lists 1 glosses.*give its 2 glosses"):
        result.class_names(["RAIN"])


def test_a_backbone_of_more_blocks_is_told_by_its_tensors():
    state_dict = recipe.narrow("vac", WIDTH)
    last = "conv2d.layer3.1."
    more = {
        f"conv2d.layer3.2.{name.removeprefix(last)}": x + 1
        for name, x in state_dict.items()
        if name.startswith(last)
    }
    deeper = convert.from_state_dict({**state_dict, **more}, **FRAMES)
    assert deeper.config.blocks == (2, 2, 3, 2)
    with pytest.raises(ValueError, match="blocks is read off the tensors"):
        convert.convert(state_dict, blocks=(2, 2, 2, 2))
