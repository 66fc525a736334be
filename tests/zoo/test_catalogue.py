import math

import pytest

from dtf_keras import models, zoo

SMALL = {"num_classes": 6, "frame_size": 32, "width": 0.0625}


def test_list_takes_a_pattern():
    assert zoo.list() == models.names()
    assert zoo.list("full_conv_v1*") == ["full_conv_v10", "full_conv_v11"]
    assert zoo.list("nothing*") == []


def test_unknown_name_is_answered_with_the_closest():
    with pytest.raises(ValueError, match="Did you mean full_conv_v7"):
        zoo.get("full_conv_7")
    with pytest.raises(ValueError, match="Did you mean residual"):
        zoo.get("full_conv_v6", residuals=True)


@pytest.mark.parametrize("name", models.names())
def test_describe_tells_composition_size_cost_and_origin(name):
    description = zoo.describe(name, **SMALL)
    model = zoo.get(name, weights=None, **SMALL)
    assert description.parameters == sum(
        math.prod(w.shape) for w in model.trainable_weights
    )
    assert description.flops_per_frame > 0
    text = str(description)
    assert "reported by the source, not measured here" in text
    assert description.composition in text
    for one in models.reported(name):
        assert f"{one.wer} % ({one.recipe})" in text
    if description.source:
        assert str(description.source) in text
    assert (description.ours or "") in text


def test_flops_count_the_backbone_and_what_dynamic_fusion_adds():
    # conv1 of 112 x 112 pixels, 3 x 3 x 3 x 32, is the first of nine convolutions.
    plain = zoo.describe("full_conv").flops_per_frame
    assert plain > 2 * 112 * 112 * 27 * 32
    assert zoo.describe("full_conv_v5").flops_per_frame > plain
    half = zoo.describe("full_conv", frame_size=56).flops_per_frame
    assert half < 0.3 * plain


@pytest.mark.parametrize("name", ["full_conv_v5", "full_conv_v6"])
def test_residual_is_an_option(name):
    assert zoo.get(name, weights=None, **SMALL, residual=True)
    a, b = (zoo.describe(name, residual=r).parameters for r in (True, False))
    assert a == b
