import numpy as np
import pytest

from dtf_keras import convert, models
from dtf_keras.convert.rows import infer_width, known_rows
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import to_numpy

WIDTH = 0.0625
TWINS = {"full_conv_v7", "full_conv_v8"}  # one set of tensors, two networks
every_row = pytest.mark.parametrize("row", known_rows())


def converted(row="full_conv_v10", state_dict=None, **options):
    """A small converted model; its batch norms have seen a batch of the recipe."""
    state_dict = state_dict or recipe.narrow(row, WIDTH)
    options = {"frame_size": 32, "name": row, **options}
    return convert.from_state_dict(state_dict, **options)


def run(model, lengths=(24,)):
    """Logits of random clips, and the number of each one's steps."""
    rng = np.random.default_rng(5)
    video = rng.random((len(lengths), max(lengths), 32, 32, 3), dtype="float32")
    inputs = {"video": video, "num_frames": np.array(lengths, "int32")}
    logits = to_numpy(model(inputs))
    return logits, to_numpy(model.valid_steps(logits))


def test_every_row_of_the_source_is_known():
    assert known_rows() == models.names()


@every_row
def test_tensors_tell_the_row_its_width_and_classes(row):
    state_dict = recipe.narrow(row, WIDTH, num_classes=13)
    name = row if row in TWINS else None
    result = convert.convert(state_dict, name=name, frame_size=32)
    assert result.model.name == row
    assert result.config.width == WIDTH
    assert result.model.output_shape[-1] == 13
    used = [name for one in result.assignments for name in one.sources]
    assert sorted([*used, *result.dropped]) == sorted(state_dict)
    assert len(result.assignments) == len(result.model.weights)


@pytest.mark.parametrize("width", [1 / 32, 0.1, 0.25, 0.3, 1 / 3, 0.5, 0.77, 1.0, 1.5])
def test_width_gives_back_every_channel_count(width):
    channels = [("conv.weight", 32), ("enc2_conv.weight", 1024)]
    channels += [(f"layers.{n}.conv1.weight", 64 << n) for n in range(4)]
    shapes = {name: (round(count * width), 9, 9) for name, count in channels}
    found = infer_width(shapes)
    assert [round(count * found) for _, count in channels] == [
        shape[0] for shape in shapes.values()
    ]
    if len(str(width)) < 6:
        assert found == width


def test_one_odd_tensor_does_not_change_the_width():
    shapes = {f"layers.{n}.conv1.weight": (64 << n, 1, 3, 3) for n in range(4)}
    assert infer_width({**shapes, "conv.weight": (99, 3, 3, 3)}) == 1
    assert infer_width({}) == 1


def test_tensors_of_two_rows_need_a_name():
    state_dict = recipe.narrow("full_conv_v7", WIDTH)
    with pytest.raises(convert.StateDictError, match="full_conv_v7 and full_conv_v8"):
        convert.from_state_dict(state_dict, frame_size=32)
    del state_dict["bn.weight"]
    with pytest.raises(convert.StateDictError, match=r"v7 or .*_v8 (.|\n)*bn\.weight"):
        convert.from_state_dict(state_dict, frame_size=32)


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


def test_networks_that_are_no_row_are_named():
    state_dict = recipe.narrow("full_conv_v4", WIDTH)
    with pytest.raises(convert.StateDictError, match="v1, v2, v4: not in the zoo"):
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
    whole = {"epoch": 3, "model_state_dict": tensors, "optimizer_state_dict": {}}
    expected = converted(state_dict=plain).get_weights()
    for state_dict in (tensors, whole):
        model = convert.from_state_dict(state_dict, frame_size=32)
        for found, one in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(found, one)


def test_second_names_alone_are_enough():
    plain = recipe.narrow("full_conv_v7", WIDTH)
    second = {n: x for n, x in plain.items() if not n.startswith("enc1.conv1.")}
    expected = converted("full_conv_v7", plain).get_weights()
    found = converted("full_conv_v7", second).get_weights()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_special_classes_are_kept_or_dropped():
    every, _ = run(converted())
    glosses, _ = run(converted(keep_special=False))
    assert every.shape[-1] == 20
    # 20 classes: blank, <PAD>, 15 glosses, <UNK>, <BOS>, <EOS>
    np.testing.assert_allclose(glosses[..., 0], every[..., 0], atol=1e-6)
    np.testing.assert_allclose(glosses[..., 1:], every[..., 2:17], atol=1e-6)


def test_options_are_those_of_the_row_unless_given():
    assert converted("full_conv_v5").get_layer("fusion").residual
    assert not converted("full_conv_v6").get_layer("fusion").residual
    state_dict = recipe.narrow("full_conv_v6", WIDTH)
    other = converted("full_conv_v6", state_dict, residual=True, window=4)
    assert other.get_layer("fusion").get_config()["residual"]
    assert other.get_layer("fusion").window == 4
    logits, _ = run(other)
    assert np.abs(logits - run(converted("full_conv_v6", state_dict))[0]).max() > 1e-2


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


def test_a_model_without_a_row_in_the_source_is_refused(monkeypatch):
    from dtf_keras.models import registry

    rows = {**registry._MODELS, "full_conv_x": registry._MODELS["full_conv"]}
    monkeypatch.setattr(registry, "_MODELS", rows)
    with pytest.raises(ValueError, match="not a network of the source"):
        converted("full_conv_x", recipe.narrow("full_conv", WIDTH))


def test_the_sources_layer_norm_folds_into_an_ordinary_one():
    exact, folded = (
        converted("full_conv_v3"),
        converted("full_conv_v3", unbiased_norm=False),
    )
    assert exact.get_layer("attention").unbiased_norm
    assert not folded.get_layer("attention").unbiased_norm
    scales = [to_numpy(m.get_layer("attention").scale) for m in (exact, folded)]
    assert np.abs(scales[0] - scales[1]).min() > 1e-4
    np.testing.assert_allclose(run(folded)[0], run(exact)[0], atol=2e-5)


def test_the_sources_padding_of_merged_clips_can_be_left_out():
    state_dict = recipe.narrow("full_conv_v8", WIDTH)
    exact = converted("full_conv_v8", state_dict)
    masked = converted("full_conv_v8", state_dict, source_padding=False)
    lengths = (14, 30)
    x, steps = run(exact, lengths)
    y, same_steps = run(masked, lengths)
    assert steps.tolist() == same_steps.tolist()
    assert steps[0] < steps[1]
    # The last convolution sees one frame beyond the shorter clip, and no further.
    last = steps[0] - 1
    np.testing.assert_allclose(x[0, :last], y[0, :last], atol=1e-5)
    assert np.abs(x[0, last] - y[0, last]).max() > 1e-3
    np.testing.assert_allclose(x[1], y[1], atol=1e-5)
    copy = type(exact).from_config(exact.get_config())
    copy.set_weights(exact.get_weights())
    np.testing.assert_allclose(run(copy, lengths)[0], x, atol=1e-6)
