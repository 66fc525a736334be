"""Servers and caches that have other files than the preset's."""

import errno
import json
import os
import shutil

import pytest

from dtf_keras import zoo
from dtf_keras.files import write_json
from dtf_keras.zoo import download
from dtf_keras.zoo.find import find
from dtf_keras.zoo.preset import read_preset, sha256
from tests.helpers.small_presets import files_below

WEIGHTS = "model.weights.h5"


def asked_for(server, name):
    return [wanted for path, wanted in server.asked if path.endswith(f"/{name}")]


def test_wrong_bytes_are_named_and_leave_nothing_behind(server, machine, small_zoo):
    server.faults = {WEIGHTS: ["wrong"] * 9}
    facts = read_preset(small_zoo / "full_conv").metadata["files"][WEIGHTS]
    pattern = f"{WEIGHTS}.*expected sha256 {facts['sha256']}, got [0-9a-f]{{64}}"
    with pytest.raises(zoo.HashMismatchError, match=pattern):
        zoo.get("full_conv", weights=f"{server.url}/full_conv")
    assert files_below(machine) == []


def test_a_beginning_that_was_wrong_is_fetched_anew(server, tmp_path, small_zoo):
    facts = read_preset(small_zoo / "full_conv").metadata["files"][WEIGHTS]
    (tmp_path / f"{WEIGHTS}.part").write_bytes(b"of something else")
    download.fetch_file(
        f"{server.url}/full_conv/{WEIGHTS}",
        tmp_path / WEIGHTS,
        facts["bytes"],
        facts["sha256"],
    )
    assert sha256(tmp_path / WEIGHTS) == facts["sha256"]
    assert asked_for(server, WEIGHTS) == ["bytes=17-", None]


@pytest.mark.parametrize("fault", ["short", "chunked"])
def test_a_shorter_file_is_a_wrong_one_and_leaves_nothing_behind(
    server, machine, small_zoo, fault
):
    server.faults = {WEIGHTS: [fault] * 2}
    size = read_preset(small_zoo / "full_conv").metadata["files"][WEIGHTS]["bytes"]
    for _ in range(2):
        pattern = f"{WEIGHTS}.*expected {size} bytes, got 7. It came from {server.url}"
        with pytest.raises(zoo.HashMismatchError, match=pattern):
            find(f"{server.url}/full_conv")
        assert files_below(machine) == []
    assert find(f"{server.url}/full_conv")


def test_a_file_that_became_shorter_than_its_beginning_is_a_wrong_one(server, machine):
    server.faults = {WEIGHTS: ["truncate", "short", "short"]}
    with pytest.raises(zoo.HashMismatchError, match=r"bytes, got at most \d{4,}\."):
        find(f"{server.url}/full_conv")
    assert files_below(machine) == []
    assert asked_for(server, WEIGHTS)[1] is not None


def test_what_is_no_metadata_is_refused(server, machine, small_zoo, monkeypatch):
    server.faults = {"metadata.json": ["wrong"]}
    with pytest.raises(zoo.PresetError, match="not the metadata of a preset"):
        find(f"{server.url}/full_conv")
    monkeypatch.setattr(download, "SMALL", 100)
    with pytest.raises(zoo.DownloadError, match="larger than"):
        find(f"{server.url}/full_conv")
    assert files_below(machine) == []


def test_metadata_cannot_name_files_elsewhere(server, small_zoo, tmp_path):
    text = (small_zoo / "full_conv" / "metadata.json").read_text("utf-8")
    server.folder = tmp_path
    (tmp_path / "bad").mkdir()
    bad = text.replace('"glosses.txt"', '"../../glosses.txt"')
    (tmp_path / "bad" / "metadata.json").write_text(bad, "utf-8")
    with pytest.raises(zoo.PresetError, match="other files than those of a preset"):
        find(f"{server.url}/bad")


def test_a_damaged_file_in_the_cache_is_named_and_set_aside(server, machine):
    preset = find(f"{server.url}/full_conv")
    preset.weights.write_bytes(b"damaged")
    pattern = rf"{WEIGHTS}.*expected sha256 .*, got .*kept as .*\.damaged"
    with pytest.raises(zoo.PresetError, match=pattern):
        find(f"{server.url}/full_conv")
    aside = preset.path.with_name(f"{preset.path.name}.damaged")
    assert (aside / WEIGHTS).read_bytes() == b"damaged"
    assert find(f"{server.url}/full_conv")


def test_what_a_newer_version_downloaded_stays(server, machine):
    preset = find(f"{server.url}/full_conv")
    metadata = preset.path / "metadata.json"
    text = metadata.read_text("utf-8")
    metadata.write_text(text.replace('"format": 3', '"format": 9'), "utf-8")
    with pytest.raises(zoo.PresetError, match=r"has format 9.*install a newer one"):
        find(f"{server.url}/full_conv")
    metadata.write_text(text, "utf-8")
    assert find(f"{server.url}/full_conv") == preset


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_what_the_system_does_not_give_stays(number, server, machine, monkeypatch):
    preset = find(f"{server.url}/full_conv")

    def refuse(*args):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("dtf_keras.zoo.preset.sha256", refuse)
        with pytest.raises(OSError, match=os.strerror(number)):
            find(f"{server.url}/full_conv")
    assert find(f"{server.url}/full_conv") == preset


@pytest.mark.parametrize(
    "options",
    [[], None, "x", {"width": "x"}, {"num_classes": -1}, {"nope": 1}, {"name": 1}],
)
def test_a_preset_with_wrong_options_is_named(options, small_zoo, tmp_path):
    path = shutil.copytree(small_zoo / "full_conv", tmp_path / "mine")
    config = json.loads((path / "config.json").read_text("utf-8"))
    write_json(path / "config.json", {**config, "options": options})
    metadata = json.loads((path / "metadata.json").read_text("utf-8"))
    metadata["files"]["config.json"]["sha256"] = sha256(path / "config.json")
    write_json(path / "metadata.json", metadata)
    with pytest.raises(zoo.PresetError, match="mine"):
        zoo.get("full_conv", weights=path)
