"""A small zoo of small presets, and a machine that has nothing else."""

import pytest

from dtf_keras import zoo
from dtf_keras.zoo import download
from tests.helpers import web_zoo
from tests.helpers.small_presets import GLOSSES, READS, WER, small_model


@pytest.fixture(scope="session")
def small_zoo(tmp_path_factory):
    """Folder of a zoo: `full_conv`, `full_conv_v6` and `full_conv_v6_residual`."""
    folder = tmp_path_factory.mktemp("zoo")
    details = zoo.PresetDetails(wer={"dev": WER, "test": WER})
    for name, model in {
        "full_conv": small_model("full_conv"),
        "full_conv_v6": small_model("full_conv_v6"),
        "full_conv_v6_residual": small_model("full_conv_v6", residual=True),
    }.items():
        path = folder / name
        zoo.save_preset(
            model, path, glosses=GLOSSES, input_format=READS, details=details
        )
    zoo.write_index(folder)
    return folder


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """Empty cache, no mirror, a package without presets; returns the cache."""
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "home"))
    monkeypatch.delenv("DTF_KERAS_MIRROR", raising=False)
    monkeypatch.setattr("dtf_keras.zoo.places.own_zoo", lambda: tmp_path / "no_zoo")
    patience = download.Patience(connect=2, stall=0.3, attempts=3, pause=0.01)
    monkeypatch.setattr(download, "PATIENCE", patience)
    return tmp_path / "home" / "presets"


@pytest.fixture
def own_zoo(monkeypatch, small_zoo):
    """The package has the presets of `small_zoo`."""
    monkeypatch.setattr("dtf_keras.zoo.places.own_zoo", lambda: small_zoo)
    return small_zoo


@pytest.fixture
def server(small_zoo):
    """`small_zoo` on a web server."""
    with web_zoo.serve(small_zoo) as server:
        yield server
