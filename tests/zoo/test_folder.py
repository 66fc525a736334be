import json

import numpy as np
import pytest

from dtf_keras import models, zoo
from dtf_keras.zoo.folder import write_folder

GLOSSES = ["RAIN", "SUN", "WÄRME", "WIND", "ICE"]


@pytest.fixture(scope="module")
def config():
    return models.make_config(
        "full_conv_v8", num_classes=6, frame_size=32, width=0.0625, source_padding=True
    )


@pytest.fixture(scope="module")
def model(config):
    return models.build("full_conv_v8", config)


def test_the_folder_says_all_that_makes_the_model_again(model, config, tmp_path):
    path = tmp_path / "new" / "folder"
    write_folder(path, model, config, GLOSSES, frame_rate=12.5)
    names = sorted(file.name for file in path.iterdir())
    assert names == ["config.json", "glosses.txt", "model.weights.h5"]
    assert (path / "glosses.txt").read_text("utf-8").splitlines() == GLOSSES
    found = json.loads((path / "config.json").read_text("utf-8"))
    assert found["input"] == {"frame_size": 32, "frame_rate": 12.5, "scaling": "0..1"}
    assert found["options"]["source_padding"] is True
    weights = path / "model.weights.h5"
    copy = zoo.get(found["model"], weights=weights, **found["options"])
    for one, other in zip(copy.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_folder_that_holds_something_is_left_alone(model, config, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_folder(tmp_path, model, config)
    with pytest.raises(FileExistsError, match="not empty"):
        write_folder(tmp_path / "notes.txt", model, config)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_glosses_that_are_not_the_models_are_refused(model, config, tmp_path):
    with pytest.raises(ValueError, match="5 glosses beside the blank, not 4"):
        write_folder(tmp_path / "x", model, config, GLOSSES[1:])
    assert not (tmp_path / "x").exists()
