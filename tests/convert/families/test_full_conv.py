"""Files of full_conv's networks."""

import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import golden_recipe as recipe
from tests.helpers.backends import to_numpy

WIDTH = 0.0625
WORDS = ["RAIN", "SUN"]
# The classes of a file: <PAD> RAIN SUN <UNK> <BOS> <EOS> <BLANK>
family = convert.family_of("full_conv")


def converted(row="full_conv_v10", state_dict=None, **options):
    """A small converted model."""
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


def test_tensors_of_two_rows_need_a_name():
    state_dict = recipe.narrow("full_conv_v7", WIDTH)
    with pytest.raises(convert.StateDictError, match="full_conv_v7 and full_conv_v8"):
        convert.from_state_dict(state_dict, frame_size=32)
    del state_dict["bn.weight"]
    with pytest.raises(convert.StateDictError, match=r"v7 or .*_v8 (.|\n)*bn\.weight"):
        convert.from_state_dict(state_dict, frame_size=32)


def test_networks_that_are_no_row_are_named():
    state_dict = recipe.narrow("full_conv_v4", WIDTH)
    with pytest.raises(convert.StateDictError, match="v1, v2, v4: not in the zoo"):
        convert.from_state_dict(state_dict, frame_size=32)


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


def test_blank_comes_first_and_the_others_move_up():
    assert family.class_order(7).tolist() == [6, 0, 1, 2, 3, 4, 5]
    assert family.class_order(7, keep_special=False).tolist() == [6, 1, 2]


@pytest.mark.parametrize(("classes", "keep"), [(1, True), (5, False)])
def test_too_few_classes_are_refused(classes, keep):
    with pytest.raises(ValueError, match=f"has {classes} classes"):
        family.class_order(classes, keep)


def test_names_follow_the_classes():
    every = ["<PAD>", *WORDS, "<UNK>", "<BOS>", "<EOS>"]
    for given in (WORDS, every):
        assert family.class_names(given, 7) == every
        assert family.class_names(given, 7, keep_special=False) == WORDS


def test_a_list_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"lists 3 glosses.*give its 2 glosses"):
        family.class_names([*WORDS, "WIND"], 7)
