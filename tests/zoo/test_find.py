import os
import shutil

import pytest

from dtf_keras import zoo
from dtf_keras.zoo.cache import cached_path
from dtf_keras.zoo.find import find
from dtf_keras.zoo.index import read_index
from tests.helpers.small_presets import files_below


def test_a_name_is_the_packages_own_unless_the_mirror_has_it(
    own_zoo, server, machine, monkeypatch, tmp_path
):
    assert find("full_conv").path == own_zoo / "full_conv"
    monkeypatch.setenv("DTF_KERAS_MIRROR", server.url)
    cached = machine / "zoo" / "full_conv"
    assert find("full_conv").path == cached
    server.asked.clear()
    assert find("full_conv").path == cached
    assert server.asked == []
    server.folder = tmp_path
    (tmp_path / "index.json").write_text('{"format": 2, "presets": {}}')
    assert find("full_conv_v6").path == own_zoo / "full_conv_v6"


def test_a_mirror_may_be_a_folder(small_zoo, machine, monkeypatch):
    for place in (str(small_zoo), small_zoo.as_uri()):
        monkeypatch.setenv("DTF_KERAS_MIRROR", place)
        assert find("full_conv").path == small_zoo / "full_conv"
        assert zoo.presets() == ["full_conv", "full_conv_v6", "full_conv_v6_residual"]
    assert not machine.exists()


@pytest.mark.usefixtures("own_zoo")
def test_a_mirror_that_is_none_is_an_error(server, monkeypatch, tmp_path):
    monkeypatch.setenv("DTF_KERAS_MIRROR", f"{server.url}/nowhere")
    with pytest.raises(zoo.DownloadError, match=r"nowhere/index\.json.*404"):
        find("full_conv_v10")
    monkeypatch.setenv("DTF_KERAS_MIRROR", str(tmp_path))
    with pytest.raises(zoo.PresetError, match=r"DTF_KERAS_MIRROR names has no index"):
        find("full_conv")
    monkeypatch.setenv("DTF_KERAS_MIRROR", "hf://deaf/zoo")
    with pytest.raises(zoo.PresetError, match="MIRROR is hf://deaf/zoo, but a mirror"):
        find("full_conv")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("http://127.0.0.1:9", r"127\.0\.0\.1:9/index\.json cannot be had"),
        ("no/such/folder", "The mirror no/such/folder .* is not there"),
    ],
)
def test_a_mirror_that_is_away_does_not_hide_the_packages_own(
    own_zoo, monkeypatch, place, message
):
    monkeypatch.setenv("DTF_KERAS_MIRROR", place)
    with pytest.warns(UserWarning, match=f"the package's own full_conv, .*{message}"):
        assert find("full_conv").path == own_zoo / "full_conv"
    with pytest.raises(zoo.DownloadError, match=message):
        find("full_conv_v10")


@pytest.mark.parametrize("address", ["ftp://a/full_conv", "S3://bucket/full_conv"])
def test_an_unknown_scheme_is_refused_by_name(address, monkeypatch):
    message = f"{address[:5].rstrip('/')}.* is not known here; known are https://"
    with pytest.raises(zoo.PresetError, match=message):
        find(address)
    monkeypatch.setenv("DTF_KERAS_MIRROR", address)
    with pytest.raises(zoo.PresetError, match=message):
        find("full_conv")


def test_a_scheme_may_be_in_capitals(server, small_zoo):
    assert find(f"HTTP{server.url[4:]}/full_conv").name == "full_conv"
    path = small_zoo / "full_conv"
    assert find(f"FILE{path.as_uri()[4:]}").path == path
    with pytest.raises(zoo.DownloadError, match="not of the form hf://ORG/REPO"):
        find("HF://reader")


def test_the_mirrors_index_vouches_for_the_metadata(
    server, small_zoo, machine, monkeypatch, tmp_path
):
    server.folder = tmp_path / "mirror"
    shutil.copytree(small_zoo, server.folder)
    changed = server.folder / "full_conv" / "metadata.json"
    changed.write_text(changed.read_text("utf-8") + " ", "utf-8")
    monkeypatch.setenv("DTF_KERAS_MIRROR", server.url)
    with pytest.raises(zoo.HashMismatchError, match=r"full_conv/metadata\.json is not"):
        find("full_conv")
    assert files_below(machine) == []


def test_pull_copies_where_it_is_told(own_zoo, tmp_path):
    assert zoo.pull("full_conv") == own_zoo / "full_conv"
    path = zoo.pull("full_conv", to=tmp_path / "mine")
    assert path == tmp_path / "mine" / "full_conv"
    assert zoo.read_preset(path).name == "full_conv"
    assert zoo.pull("full_conv", to=tmp_path / "mine") == path
    (path / "README.md").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty: choose a new folder"):
        zoo.pull("full_conv", to=tmp_path / "mine")


def test_what_was_pulled_is_a_zoo(own_zoo, tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    zoo.pull("full_conv", to=mine)
    path = zoo.pull("full_conv_v6", to=mine)
    assert read_index(mine).keys() == {"full_conv", "full_conv_v6"}
    monkeypatch.setenv("DTF_KERAS_MIRROR", str(mine))
    assert find("full_conv_v6").path == path


def test_an_index_that_is_no_zoos_is_not_written_over(own_zoo, tmp_path):
    (tmp_path / "index.json").write_text('{"mine": 1}')
    with pytest.raises(zoo.PresetError, match="not the index of a zoo"):
        zoo.pull("full_conv", to=tmp_path)
    assert (tmp_path / "index.json").read_text() == '{"mine": 1}'


def test_a_copy_has_the_listed_files_alone(small_zoo, tmp_path):
    shutil.copytree(small_zoo / "full_conv", tmp_path / "theirs")
    (tmp_path / "theirs" / "notes.pkl").write_text("not listed")
    path = zoo.pull(tmp_path / "theirs", to=tmp_path / "mine")
    assert path.name == "full_conv"
    assert "notes.pkl" not in files_below(path)


def test_a_bare_word_is_a_name_even_beside_a_folder_of_that_name(
    own_zoo, tmp_path, monkeypatch
):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(zoo.PresetError, match=r"a folder of that name is '\./mine'"):
        find("mine")
    assert os.fspath(find("full_conv").path) == os.fspath(own_zoo / "full_conv")


def test_addresses_have_places_of_their_own_in_the_cache():
    addresses = ["https://a/x", "https://b/x", "hf://a/x", "hf://a/x@2"]
    assert len({cached_path("web", address) for address in addresses}) == 4
    assert cached_path("web", "https://a/x").name.startswith("x-")
