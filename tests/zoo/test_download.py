"""Downloads from a real server on this machine, and what goes wrong there."""

import threading

import numpy as np
import pytest

from dtf_keras import zoo
from dtf_keras.zoo import cache
from dtf_keras.zoo.find import find
from dtf_keras.zoo.preset import read_preset, sha256
from tests.helpers.small_presets import files_below, small_model

WEIGHTS = "model.weights.h5"


def asked_for(server, name):
    return [wanted for path, wanted in server.asked if path.endswith(f"/{name}")]


def same_as_in(small_zoo, preset):
    return sha256(preset.weights) == sha256(small_zoo / preset.name / WEIGHTS)


def test_a_web_folder_is_downloaded_once_and_works_offline(server, machine):
    address = f"{server.url}/full_conv"
    model = zoo.get("full_conv", weights=address)
    asked = len(server.asked)
    assert asked == 5
    server.faults = dict.fromkeys(["metadata.json", WEIGHTS], [500] * 9)
    again = zoo.get("full_conv", weights=address)
    assert len(server.asked) == asked
    for one in (model, again):
        expected = small_model("full_conv").get_weights()
        for a, b in zip(one.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(a, b)
    assert not [name for name in files_below(machine) if name.endswith(".part")]


@pytest.mark.parametrize("fault", ["truncate", "stall", 503])
def test_a_broken_download_goes_on_where_it_stopped(server, small_zoo, fault):
    server.faults = {WEIGHTS: [fault, fault]}
    preset = find(f"{server.url}/full_conv")
    assert same_as_in(small_zoo, preset)
    wanted = asked_for(server, WEIGHTS)
    if fault == 503:
        assert wanted == [None] * 3
        return
    size = (small_zoo / "full_conv" / WEIGHTS).stat().st_size
    firsts = [int(asked.removeprefix("bytes=")[:-1]) for asked in wanted[1:]]
    assert wanted[0] is None
    assert firsts == pytest.approx([size / 2, size * 3 / 4], abs=20_000)


def test_a_server_without_ranges_is_read_from_the_beginning(server, small_zoo):
    server.ranges = False
    server.faults = {WEIGHTS: ["truncate"]}
    assert same_as_in(small_zoo, find(f"{server.url}/full_conv"))


def test_a_later_call_goes_on_where_this_one_gave_up(server, machine, small_zoo):
    server.faults = {WEIGHTS: ["truncate"] + [503] * 2}
    with pytest.raises(zoo.DownloadError, match=r"503.*3 times.*what came is kept"):
        find(f"{server.url}/full_conv")
    assert f"{WEIGHTS}.part" in files_below(machine)
    assert WEIGHTS not in files_below(machine)
    preset = find(f"{server.url}/full_conv")
    assert same_as_in(small_zoo, preset)
    assert asked_for(server, WEIGHTS)[-1] is not None
    assert len(asked_for(server, "glosses.txt")) == 1


@pytest.mark.parametrize("fault", [404, 403])
def test_a_file_that_is_not_there_is_asked_for_once(server, fault):
    server.faults = {"metadata.json": [fault] * 9}
    with pytest.raises(zoo.DownloadError, match=f"full_conv/metadata.json.*{fault}"):
        find(f"{server.url}/full_conv")
    assert len(server.asked) == 1


def test_no_server_is_one_sentence():
    with pytest.raises(zoo.DownloadError, match=r"no connection.*3 times.*later\.$"):
        find("http://127.0.0.1:9/full_conv")


def test_two_pulls_at_once_download_once(server, small_zoo):
    server.faults = {WEIGHTS: ["stall"]}
    found, lines = [], []
    pulls = [
        threading.Thread(
            target=lambda: found.append(find(f"{server.url}/full_conv", lines.append))
        )
        for _ in range(3)
    ]
    for pull in pulls:
        pull.start()
    for pull in pulls:
        pull.join()
    assert len({preset.path for preset in found}) == 1
    assert len(found) == 3
    assert len(asked_for(server, "glosses.txt")) == 1
    assert any("waiting for it" in line for line in lines)


def test_another_version_begins_anew(server, machine, small_zoo):
    server.faults = {WEIGHTS: [404]}
    address = f"{server.url}/full_conv"
    with pytest.raises(zoo.DownloadError):
        find(address)
    part = cache.cached_path("web", address)
    part = part.with_name(f".{part.name}.part")
    (part / "metadata.json").write_text("{}")
    (part / "glosses.txt").write_text("OLD\n")
    assert find(address).glosses == read_preset(small_zoo / "full_conv").glosses


def test_what_else_lies_beside_a_beginning_does_not_come_along(server, machine):
    server.faults = {WEIGHTS: ["truncate"] + [503] * 2}
    address = f"{server.url}/full_conv"
    with pytest.raises(zoo.DownloadError):
        find(address)
    path = cache.cached_path("web", address)
    part = path.with_name(f".{path.name}.part")
    (part / ".DS_Store").write_text("stray")
    (part / "notes").mkdir()
    find(address)
    assert not {".DS_Store", "notes"} & {file.name for file in path.iterdir()}
