import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import golden_recipe as recipe

WIDTH = 0.0625


def converted(row="full_conv_v10", state_dict=None, **options):
    """A small converted model."""
    state_dict = state_dict or recipe.narrow(row, WIDTH)
    options = {"frame_size": 32, "name": row, **options}
    return convert.from_state_dict(state_dict, **options)


def test_all_that_is_wrong_is_one_error():
    state_dict = recipe.narrow("full_conv_v8", WIDTH)
    del state_dict["tcna.rnn.bias_hh_l0"], state_dict["bn.weight"]
    state_dict["attn.weight"] = np.zeros(3)
    state_dict["fc.weight"] = state_dict["fc.weight"][:, :-1]
    state_dict["conv.weight"] = state_dict["conv.weight"] * np.nan
    state_dict["enc1.net.5.bias"] = state_dict["enc1.net.5.bias"] + 1
    with pytest.raises(convert.StateDictError) as caught:
        converted("full_conv_v8", state_dict)
    message = str(caught.value)
    assert "not those of full_conv_v8 (width 0.0625, 20 classes)" in message
    for line in (
        "missing: bn.weight; tcna.rnn.bias_hh_l0\n",
        "unknown: attn.weight\n",
        "of another shape: fc.weight (20, 63), expected (20, 64)\n",
        "not finite: conv.weight\n",
        "unlike their second name: enc1.norm_layer2.bias and enc1.net.5.bias",
    ):
        assert line in message


def test_without_a_name_the_nearest_row_is_compared():
    state_dict = recipe.narrow("full_conv_v11", WIDTH)
    del state_dict["tcna2.rnn.weight_hh_l0"], state_dict["fc.weight"]
    message = "those of full_conv_v11 (.|\n)*missing: tcna2.rnn.weight_hh_l0; fc.weight"
    with pytest.raises(convert.StateDictError, match=message):
        convert.from_state_dict(state_dict, frame_size=32)


@pytest.mark.parametrize(
    ("state_dict", "message"),
    [
        ([1, 2], "Received: list"),
        ({}, "dict without entries"),
        ({"fc.bias": "text"}, "'fc.bias' of the state dict is a str"),
        ({3: np.zeros(2)}, "The entry 3"),
        ({"fc.bias": np.zeros(2, complex)}, "not a tensor of numbers"),
        ({"model_state_dict": [1]}, "Received: list"),
    ],
)
def test_what_is_no_state_dict_is_refused(state_dict, message):
    with pytest.raises(convert.StateDictError, match=message):
        convert.from_state_dict(state_dict)


def test_tensors_counters_and_prefixes_of_torch_are_taken():
    torch = pytest.importorskip("torch")
    plain = recipe.narrow("full_conv_v10", WIDTH)
    tensors = {f"module.{name}": torch.tensor(x) for name, x in plain.items()}
    tensors["module.fc.weight"].requires_grad_(True)
    tensors["module.bn.num_batches_tracked"] = torch.tensor(7)
    for name in [name for name in tensors if name.startswith("module.layers.")]:
        tensors[name.replace(".layers.", ".layers.module.")] = tensors.pop(name)
    whole = {"epoch": 3, "model_state_dict": tensors, "optimizer_state_dict": {}}
    expected = converted(state_dict=plain).get_weights()
    for state_dict in (tensors, whole):
        model = convert.from_state_dict(state_dict, frame_size=32)
        for found, one in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(found, one)
    tensors["module.module.fc.weight"] = tensors["module.fc.weight"]
    with pytest.raises(convert.StateDictError, match=r"has fc\.weight twice"):
        convert.from_state_dict(tensors)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 1.0}, "width is read off the tensors"),
        ({"num_classes": 9}, "num_classes is read off the tensors"),
        ({"windows": 3}, "no option 'windows'"),
        ({"name": "full_conv_v12"}, "no model 'full_conv_v12'"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        converted(**options)
