"""Files of TLP."""

import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import network_recipe as recipe
from tests.helpers import published

FRAMES = {"frame_size": (32, 48)}
TENSORS = recipe.narrow("tlp", 0.0625)


@pytest.fixture(scope="module")
def converted():
    return convert.convert(TENSORS, **FRAMES)


def test_lifting_pools_tell_the_network(converted):
    assert converted.model.name == converted.family.name == "tlp"
    assert not converted.config.source_padding
    assert set(converted.left_out.values()) == {"counters of batches, no weights"}
    (note,) = converted.notes
    assert note.endswith("were trained.")


def test_each_pool_has_its_own_weights(converted):
    for number, place in ((1, 1), (2, 3)):
        pool = converted.model.get_layer(f"temporal_pool{number}")
        for name, variable in (
            ("predictor.0.bias", pool.predictor[0].bias),
            ("updater.2.bias", pool.updater[1].bias),
            ("weight1.conv.bias", pool.weight1.conv.bias),
            ("weight2.insnorm.weight", pool.weight2.norm.gamma),
        ):
            expected = TENSORS[f"conv1d.temporal_conv.{place}.{name}"]
            np.testing.assert_array_equal(variable, expected)


def test_what_the_trainer_saves_is_read(converted):
    pytest.importorskip("torch")
    model = convert.from_state_dict(published.trainers_file(TENSORS), **FRAMES)
    expected = converted.model.get_weights()
    for found, one in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, one)


def test_batch_norm_that_was_never_trained_is_said():
    name = "conv1d.temporal_conv.0.1.weight"
    untrained = {**TENSORS, name: np.ones_like(TENSORS[name])}
    (note,) = convert.convert(untrained, **FRAMES).notes
    assert "those of conv1d.temporal_conv.0.1 are 1" in note


def test_a_missing_tensor_of_a_pool_is_named():
    missing = "conv1d.temporal_conv.3.weight2.conv.weight"
    tensors = {name: x for name, x in TENSORS.items() if name != missing}
    message = r"of tlp (.|\n)*3\.weight2\.conv\.weight"
    with pytest.raises(convert.StateDictError, match=message):
        convert.from_state_dict(tensors, **FRAMES)
