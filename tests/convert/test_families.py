"""What holds for every network that files can be converted to."""

import numpy as np
import pytest

from dtf_keras import convert, models
from dtf_keras.convert import families
from tests.helpers import published

every_network = pytest.mark.parametrize("name", published.every_network)


@every_network
def test_tensors_tell_the_network_its_width_and_classes(name):
    state_dict = published.state_dict(name, num_classes=13)
    result = convert.convert(state_dict, published.told_name(name), frame_size=32)
    assert result.model.name == name
    assert result.family is convert.family_of(name)
    assert result.config.width == published.WIDTH
    assert result.source_classes == result.config.num_classes == 13
    used = {name for one in result.assignments for name in one.sources}
    assert sorted(result.shapes) == sorted(used)
    assert sorted([*used, *result.left_out]) == sorted(state_dict)
    assert len(result.assignments) == len(result.model.weights)
    assert sorted(result.classes) == list(range(13))


@every_network
def test_frames_need_not_be_square(name):
    state_dict = published.state_dict(name)
    told = published.told_name(name)
    model = convert.from_state_dict(state_dict, told, frame_size=(32, 48))
    assert model.input_format.frame_size == (32, 48)


def test_every_network_is_a_model_of_the_zoo_and_of_one_family():
    assert len(set(published.every_network)) == len(published.every_network)
    assert set(published.every_network) <= set(models.names())


def test_a_model_that_is_no_published_network_is_refused(monkeypatch):
    others = [families.FAMILIES[0]]
    monkeypatch.setattr(others[0], "networks", others[0].networks[1:], raising=True)
    monkeypatch.setattr(families, "FAMILIES", others)
    with pytest.raises(ValueError, match=r"no published network 'full_conv'.*_v3"):
        convert.family_of("full_conv")


def test_what_a_family_leaves_out_is_said_with_the_reason(monkeypatch):
    state_dict = published.state_dict("full_conv")
    state_dict["layers.0.mlp.weight"] = np.zeros(3)
    with pytest.raises(convert.StateDictError, match=r"unknown: layers\.0\.mlp"):
        convert.convert(state_dict)
    family = convert.family_of("full_conv")
    reasons = {**family.left_out, r"\.mlp\.": "never used"}
    monkeypatch.setattr(type(family), "left_out", reasons)
    left_out = convert.convert(state_dict, frame_size=32).left_out
    assert left_out == {"layers.0.mlp.weight": "never used"}


def test_tensors_of_no_family_are_refused():
    state_dict = {"stem.weight": np.zeros(3), "blocks.0.bias": np.zeros(3)}
    with pytest.raises(convert.StateDictError, match=r"begin with blocks, stem: so do"):
        convert.from_state_dict(state_dict)
