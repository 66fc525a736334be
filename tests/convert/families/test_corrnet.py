"""Files of CorrNet and CorrNet+."""

import numpy as np
import pytest

from dtf_keras import convert, models
from tests.helpers import network_recipe as recipe
from tests.helpers.backends import to_numpy

WIDTH = 0.0625
FRAMES = {"frame_size": (32, 48)}


@pytest.mark.parametrize(
    ("network", "stages"), [("corrnet", (2, 3, 4)), ("corrnet_csldaily", (3, 4))]
)
def test_the_scales_tell_after_which_stages_frames_are_correlated(network, stages):
    state_dict = recipe.narrow(network, WIDTH)
    result = convert.convert(state_dict, **FRAMES)
    assert result.model.name == "corrnet"
    assert result.config.correlated_stages == stages
    backbone = result.model.get_layer("backbone")
    scales = [to_numpy(one.alpha) for one in backbone.after_stages if one is not None]
    np.testing.assert_array_equal(scales, state_dict["conv2d.alpha"])


def test_the_network_for_csl_daily_has_its_parameters():
    config = models.make_config("corrnet", num_classes=9, correlated_stages=(3, 4))
    model = models.build("corrnet", config)
    weights = model.trainable_weights
    # Torch gives an LSTM two biases and adds them; Keras gives it one.
    weights += [v for v in weights if v.path.endswith("lstm_cell/bias")]
    assert sum(v.numpy().size for v in weights) == 32_026_732 + 9 * 1024


def test_a_module_that_the_scales_do_not_count_is_unknown():
    state_dict = recipe.narrow("corrnet", WIDTH)
    state_dict["conv2d.alpha"] = state_dict["conv2d.alpha"][1:]
    with pytest.raises(convert.StateDictError, match=r"unknown: conv2d\.corr1\."):
        convert.convert(state_dict, **FRAMES)


def test_what_corrnet_plus_never_uses_is_left_out():
    result = convert.convert(recipe.narrow("corrnet_plus", WIDTH), **FRAMES)
    assert result.model.name == "corrnet_plus"
    never = [n for n, why in result.left_out.items() if why.startswith("never used")]
    parts = ("weights3", "mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias")
    assert sorted(never) == sorted(
        f"conv2d.corr{stage}.{part}" for stage in (2, 3, 4) for part in parts
    )


@pytest.mark.parametrize("stages", [(3, 2), (0, 1), (4, 5), (2, 2)])
def test_stages_are_ascending_and_are_there(stages):
    with pytest.raises(ValueError, match=r"correlated_stages are numbers of 1\.\.4"):
        models.make_config("corrnet", correlated_stages=stages)


@pytest.mark.parametrize("neighbours", [(1, 3, 5), (0, 1, 3, -1)])
def test_neighbours_are_counted_for_each_stage(neighbours):
    with pytest.raises(ValueError, match="neighbours has a number from 0 for each of"):
        models.make_config("corrnet_plus", neighbours=neighbours)
