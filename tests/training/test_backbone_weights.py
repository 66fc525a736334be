import dataclasses

import numpy as np
import pytest

from dtf_keras import training
from dtf_keras.training import RunConfig, RunFolder, SettingError
from dtf_keras.training.run import fitting
from dtf_keras.training.run.backbone_weights import find_backbone, start_backbone
from dtf_keras.training.run.freezing import freeze_layers
from tests.helpers import imagenet, small

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """As torchvision's file of a ResNet."""
    path = tmp_path_factory.mktemp("torchvision") / "resnet18-f37072fd.pth"
    torch.save({n: torch.tensor(x) for n, x in imagenet.tensors().items()}, path)
    return path


def started(weights, name="vac", freeze=(), say=lambda line: None, **options):
    """A model whose backbone was started, and what is kept of that."""
    config = RunConfig(model=name, backbone_weights=str(weights), freeze=freeze)
    model = small.build(name, **options)
    freeze_layers(model, freeze)
    return model, start_backbone(model, config, find_backbone(config), say)


def backbone(model):
    return model.get_layer("backbone").get_weights()


@pytest.mark.parametrize("name", ["vac", "vac_smkd", "dtf_resnet18", "mltsf"])
def test_every_resnet_starts_from_torchvisions_file(name, file):
    lines = []
    model, start = started(file, name, say=lines.append)
    fresh = small.build(name)
    for layer, own in zip(model.layers, fresh.layers, strict=True):
        if layer.name != "backbone":
            for one, expected in zip(
                layer.get_weights(), own.get_weights(), strict=True
            ):
                np.testing.assert_array_equal(one, expected)
    np.testing.assert_array_equal(
        backbone(model)[0], imagenet.tensors()["conv1.weight"].transpose(2, 3, 1, 0)
    )
    assert start["path"] == str(file)
    assert len(start["sha256"]) == 64
    assert len(start["loaded"]) == 2 + 2 * 4 + 1 * 2
    assert start["fresh"] == {}
    assert "loaded:     backbone (12 layers)" in lines[0]
    assert "not used:   fc.weight, fc.bias" in lines[0]


def test_a_preset_of_kerashub_is_the_same(file, monkeypatch):
    imagenet.install_keras_hub(monkeypatch, imagenet.tensors())
    model, start = started("resnet_18_imagenet")
    for one, other in zip(backbone(model), backbone(started(file)[0]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (start["path"], len(start["sha256"])) == ("resnet_18_imagenet", 64)
    with pytest.raises(SettingError, match="resnet_50 is no file or folder, and"):
        started("resnet_50")


def test_of_our_own_weights_the_backbone_is_taken(tmp_path):
    other = small.shared("full_conv")
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    other.save_weights(run.best_weights)
    for place in (run.path, run.best_weights):
        model, start = started(place, "full_conv_v5")
        for one, expected in zip(backbone(model), backbone(other), strict=True):
            np.testing.assert_array_equal(one, expected)
        assert {path.partition("/")[0] for path in start["loaded"]} == {"backbone"}
        assert not start["fresh"]
        own = small.build("full_conv_v5").get_layer("enc1_conv").get_weights()
        np.testing.assert_array_equal(
            model.get_layer("enc1_conv").get_weights()[0], own[0]
        )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "vac",
            {"width": 0.125},
            r"conv1\.weight is .*give the --width of the weights",
        ),
        ("vac", {"blocks": (1,)}, r"there is a layer2\.0\.conv1\.weight too"),
        ("vac", {"input": "landmarks"}, "is no ResNet but a HandBackbone"),
        ("full_conv", {}, "of full_conv .* is no ResNet but a FrameBackbone"),
    ],
)
def test_what_does_not_fit_is_refused(name, options, message, file):
    with pytest.raises(SettingError, match=message):
        started(file, name, **options)


def test_our_own_weights_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "own.weights.h5"
    small.shared("full_conv").save_weights(path)
    for name, options in (("vac", {}), ("full_conv", {"width": 0.125})):
        with pytest.raises(SettingError, match="does not fit the backbone of"):
            started(path, name, **options)
    path.write_text("junk")
    with pytest.raises(SettingError, match="is damaged, or no"):
        started(path)


def test_places_without_weights_are_errors(tmp_path, file):
    for place in (tmp_path / "resnet18.pth", "nowhere/run"):
        with pytest.raises(FileNotFoundError, match="there is no such file; give"):
            find_backbone(RunConfig(backbone_weights=str(place)))
    with pytest.raises(FileNotFoundError, match=r"--backbone-weights .* no weights"):
        find_backbone(RunConfig(backbone_weights=str(tmp_path)))
    with pytest.raises(SettingError, match="init_from runs/mine: give one of them"):
        find_backbone(RunConfig(backbone_weights=str(file), init_from="runs/mine"))
    (tmp_path / "notes.pth").write_text("no weights")
    with pytest.raises(SettingError, match=r"notes\.pth is no torch"):
        started(tmp_path / "notes.pth")


def test_a_frozen_backbone_is_loaded(file):
    model, _ = started(file, freeze=("backbone",))
    assert not model.get_layer("backbone").trainable_variables


@pytest.mark.usefixtures("small_model")
def test_a_fresh_run_starts_its_backbone_and_keeps_what_was_said(
    small_config, file, tmp_path, monkeypatch
):
    config = dataclasses.replace(small_config, epochs=1, backbone_weights=str(file))
    calls = []

    def start(model, config, weights, say):
        calls.append(weights)
        return {"loaded": ["backbone/conv1"]}

    monkeypatch.setattr(fitting, "start_backbone", start)
    run = training.fit(config, tmp_path / "run")
    assert calls == [file]
    assert run.read_config().config == config
    run.metrics.unlink()
    again = training.resume(run.path)
    assert calls == [file]
    for made_with in (run.read_config().made_with, again.read_metrics()["made_with"]):
        assert made_with["initial_weights"] == {"loaded": ["backbone/conv1"]}
