"""Files of SEN."""

import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import network_recipe as recipe
from tests.helpers import published

FRAMES = {"frame_size": (32, 48)}
TENSORS = recipe.narrow("sen", 0.0625)


@pytest.fixture(scope="module")
def converted():
    return convert.convert(TENSORS, **FRAMES)


def test_emphasis_tells_the_network(converted):
    assert converted.model.name == converted.family.name == "sen"
    assert not converted.config.source_padding
    assert set(converted.left_out.values()) == {"counters of batches, no weights"}
    (note,) = converted.notes
    assert note.endswith("were trained.")


def test_each_block_has_its_own_emphasis(converted):
    for block in converted.model.get_layer("backbone").residual_blocks:
        prefix = f"conv2d.{block.name.replace('_', '.')}."
        parts = {"tsem": block.inner.temporal, "ssem": block.inner.spatial}
        for module, part in parts.items():
            for name, variable in (("alpha", part.alpha), ("weights", part.mix)):
                expected = TENSORS[f"{prefix}{module}.{name}"]
                np.testing.assert_array_equal(variable, expected)


def test_what_the_trainer_saves_is_read(converted):
    pytest.importorskip("torch")
    model = convert.from_state_dict(published.trainers_file(TENSORS), **FRAMES)
    expected = converted.model.get_weights()
    for found, one in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, one)


def test_a_missing_tensor_of_an_emphasis_is_named():
    missing = "conv2d.layer3.1.tsem.alpha"
    tensors = {name: x for name, x in TENSORS.items() if name != missing}
    with pytest.raises(convert.StateDictError, match=r"of sen (.|\n)*1\.tsem\.alpha"):
        convert.from_state_dict(tensors, **FRAMES)
