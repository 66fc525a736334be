"""The hub, with its library's functions replaced: no network."""

import inspect
import pathlib
import shutil
import types

import pytest

from dtf_keras import zoo
from dtf_keras.zoo import hub as hub_module
from dtf_keras.zoo.find import find
from tests.helpers.small_presets import files_below


class FakeHub:
    """Repositories that are folders; takes notes of the calls."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.calls = []
        self.faults = []  # errors to raise, one a call

    def _fail(self):
        if self.faults:
            raise self.faults.pop(0)

    def hf_hub_download(self, repo_id, filename, *, revision, local_dir):
        self.calls.append((repo_id, filename, revision))
        self._fail()
        source = self.folder / repo_id / filename
        if not source.is_file():
            raise OSError(f"404: no {filename}\nmore that nobody needs")
        notes = pathlib.Path(local_dir) / ".cache" / "huggingface"
        notes.mkdir(parents=True, exist_ok=True)
        return shutil.copy(source, local_dir)

    def create_repo(self, repo_id, private, exist_ok):
        assert exist_ok
        self._fail()
        self.calls.append(("create", repo_id, private))
        (self.folder / repo_id).mkdir(parents=True)

    def upload_folder(self, repo_id, folder_path, allow_patterns, commit_message):
        assert commit_message
        for name in allow_patterns:
            shutil.copy(pathlib.Path(folder_path) / name, self.folder / repo_id)


class ClientError(Exception):
    """Of the hub's HTTP client: not an `OSError`."""

    def __init__(self, message, status=None):
        super().__init__(message)
        if status:
            self.response = types.SimpleNamespace(status_code=status)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    hub = FakeHub(tmp_path / "hub")
    module = types.SimpleNamespace(
        hf_hub_download=hub.hf_hub_download, HfApi=lambda: hub
    )
    monkeypatch.setattr(hub_module, "import_hub", lambda what_for: module)
    return hub


def test_what_one_pushes_another_gets(hub, small_zoo, machine, tmp_path):
    mine = tmp_path / "full_conv"
    shutil.copytree(small_zoo / "full_conv", mine)
    (mine / "notes.txt").write_text("private")
    assert zoo.push(mine, "deaf/reader", private=True, api=hub) == "hf://deaf/reader"
    assert hub.calls == [("create", "deaf/reader", True)]
    assert "notes.txt" not in files_below(hub.folder)
    hub.calls.clear()
    model = zoo.get("full_conv", weights="hf://deaf/reader@v2")
    assert model.input_format.frame_rate == 12.5
    assert {call[2] for call in hub.calls} == {"v2"}
    found = find("hf://deaf/reader@v2").path
    assert len(hub.calls) == 5  # the second time from the cache
    assert found.is_relative_to(machine)
    assert not (found / ".cache").exists()


def test_wrong_bytes_of_the_hub_leave_nothing_behind(hub, small_zoo, machine):
    shutil.copytree(small_zoo / "full_conv", hub.folder / "deaf" / "reader")
    (hub.folder / "deaf" / "reader" / "model.weights.h5").write_bytes(b"other")
    with pytest.raises(zoo.HashMismatchError, match=r"model\.weights\.h5"):
        find("hf://deaf/reader")
    assert files_below(machine) == []


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("hf://reader", "not of the form hf://ORG/REPO"),
        ("hf://deaf/nobody", r"metadata\.json of hf://deaf/nobody .*404: no metadata"),
    ],
)
@pytest.mark.usefixtures("hub")
def test_a_repository_that_is_not_there_is_one_sentence(address, message):
    with pytest.raises(zoo.DownloadError, match=message) as info:
        find(address)
    assert "nobody needs" not in str(info.value)


def test_a_broken_connection_to_the_hub_is_tried_again(hub, small_zoo):
    shutil.copytree(small_zoo / "full_conv", hub.folder / "deaf" / "reader")
    hub.faults = [ClientError("peer closed"), ClientError("502 Bad Gateway", 502)]
    assert find("hf://deaf/reader").name == "full_conv"
    assert [call[1] for call in hub.calls[:3]] == ["metadata.json"] * 3


@pytest.mark.parametrize(
    ("faults", "message", "calls"),
    [
        (
            [ClientError("peer closed\nmore that nobody needs")],
            "peer closed, 3 times",
            3,
        ),
        ([ClientError("")], "had: ClientError, 3 times. Try again later", 3),
        ([ClientError("401 Unauthorized", 401)], "had: 401 Unauthorized", 1),
        ([ValueError("no such revision")], "had: no such revision", 1),
        ([OSError("no connection")], "had: no connection", 1),
    ],
)
def test_a_hub_that_cannot_be_reached_is_one_sentence(hub, faults, message, calls):
    hub.faults = faults * 3
    with pytest.raises(zoo.DownloadError, match=message) as info:
        find("hf://deaf/reader")
    assert "nobody needs" not in str(info.value)
    assert len(hub.calls) == calls


def test_a_push_that_fails_is_one_sentence(hub, small_zoo):
    hub.faults = [ClientError("no route to host\nmore that nobody needs")]
    message = r"full_conv cannot be pushed to .*/deaf/reader: no route to host$"
    with pytest.raises(zoo.DownloadError, match=message):
        zoo.push(small_zoo / "full_conv", "deaf/reader", api=hub)


def test_a_repository_without_its_organisation_is_refused_first(hub, small_zoo):
    with pytest.raises(zoo.PresetError, match="'reader' is not of the form ORG/REPO"):
        zoo.push("https://a.b/full_conv", "reader", api=hub)
    assert hub.calls == []


def test_a_damaged_preset_is_not_pushed(hub, small_zoo, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(small_zoo / "full_conv", mine)
    (mine / "glosses.txt").write_text("A\n")
    with pytest.raises(zoo.HashMismatchError):
        zoo.push(mine, "deaf/reader", api=hub)
    assert hub.calls == []


@pytest.mark.parametrize(
    "name", ["hf_hub_download", "HfApi.create_repo", "HfApi.upload_folder"]
)
def test_the_library_takes_what_it_is_given(name):
    real = pytest.importorskip("huggingface_hub")
    for part in name.split("."):
        real = getattr(real, part)
    fake = getattr(FakeHub, name.rpartition(".")[2])
    parameters = inspect.signature(real).parameters
    assert set(inspect.signature(fake).parameters) <= {*parameters, "self"}


def test_without_the_library_the_mend_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    with pytest.raises(zoo.DownloadError, match=r"pip install \"dtf_keras\[hub\]\""):
        find("hf://deaf/reader")
