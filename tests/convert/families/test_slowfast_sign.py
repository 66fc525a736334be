"""Files of SlowFastSign."""

import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import network_recipe as recipe
from tests.helpers import published

FRAMES = {"frame_size": (32, 48)}


def state_dict(**options):
    return recipe.narrow("slowfast", published.WIDTH, blocks=2, **options)


def test_tensors_tell_the_blocks_and_keep_the_side_paths():
    result = convert.convert(state_dict(), **FRAMES)
    assert result.model.name == "slowfast_sign"
    assert result.config.blocks == (2, 2, 2, 2)
    assert len(result.model.heads) == 6
    seconds = {n for n in result.left_out if not n.endswith("num_batches_tracked")}
    assert seconds == {f"conv1d.fc.{number}.weight" for number in range(3)}
    (note,) = result.notes
    assert note.endswith("were trained.")
    said = result.model.input_format
    assert (said.crop, said.resize) == (0.875, "lanczos")


def test_each_path_has_its_own_tensors():
    tensors = state_dict()
    model = convert.from_state_dict(tensors, **FRAMES)
    for number, path in enumerate(("", "slow_", "fast_")):
        kernel = model.get_layer(f"{path}classifier").kernel
        np.testing.assert_array_equal(kernel, tensors[f"classifier.{number}.weight"])
        lstm = model.get_layer(f"{path}lstm").forwards[0].cell.recurrent_kernel
        theirs = tensors[f"temporal_model.{number}.rnn.weight_hh_l0"]
        np.testing.assert_array_equal(lstm, theirs.T)


def test_a_block_that_misses_a_tensor_is_an_error():
    tensors = state_dict()
    del tensors["conv2d.s4.pathway1_res1.branch2.a.weight"]
    message = r"missing: conv2d\.s4\.pathway1_res1\.branch2\.a\.weight"
    with pytest.raises(convert.StateDictError, match=message):
        convert.from_state_dict(tensors, **FRAMES)


def test_files_of_others_are_not_its():
    for network in ("vac", "vac_smkd"):
        tensors = recipe.narrow(network, published.WIDTH)
        assert convert.convert(tensors, **FRAMES).family.name == "vac"
