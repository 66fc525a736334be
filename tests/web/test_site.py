"""What the page is made of, and how it is served."""

import base64
import dataclasses
import hashlib
import json
import pathlib
import re
import subprocess
import tarfile
import threading
import urllib.request

import keras
import pytest

from dtf_keras import commands, web
from dtf_keras.web import libraries, server, site
from tests.helpers.small import build

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="ONNX is written by TensorFlow"
)


def run(*words):
    return commands.main(["demo", *map(str, words)])


def export(folder, name, **options):
    pytest.importorskip("tf2onnx")
    model = build(name, **options)
    model.glosses = ("A", "B", "C", "D", "E")
    model.export(folder / f"{name}.onnx", format="onnx", verbose=False)
    return folder / f"{name}.onnx"


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """An ONNX file of a model that reads hands."""
    return export(tmp_path_factory.mktemp("models"), "full_conv", input="landmarks")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A folder with packages that have nothing in their files, and are as published."""
    folder, pinned = tmp_path / "packages", []
    folder.mkdir()
    for library in libraries.LIBRARIES:
        with tarfile.open(folder / library.package, "w:gz") as archive:
            for inside in library.files.values():
                archive.addfile(tarfile.TarInfo(f"package/{inside}"))
        digest = hashlib.sha512((folder / library.package).read_bytes()).digest()
        sha512 = base64.b64encode(digest).decode()
        pinned.append(dataclasses.replace(library, sha512=sha512))
    monkeypatch.setattr(libraries, "LIBRARIES", tuple(pinned))
    return folder


@on_tensorflow
def test_a_folder_for_a_static_host_has_all_that_the_page_loads(
    letters, packages, tmp_path, capsys
):
    assert (
        run("--models", letters, "--libraries", packages, "--build", tmp_path / "a")
        == 0
    )
    assert "serve it over https" in capsys.readouterr().out
    listing = json.loads((tmp_path / "a" / "files.json").read_text(encoding="utf-8"))
    assert listing["models"] == [{"file": "models/full_conv.onnx", "name": "full_conv"}]
    assert listing["bytes"]["models/full_conv.onnx"] == letters.stat().st_size
    assert listing["bytes"]["hand_landmarker.task"] > 1e6
    assert run("--models", letters, "--build", tmp_path / "a") == 1
    assert "choose a new folder" in capsys.readouterr().err
    loaded = r"""(?:from |import\(|src="|href=")"?(?:\./)?([\w./]+\.(?:js|css|svg))"""
    for page in (*site.PAGE.glob("*.js"), site.PAGE / "index.html"):
        for name in re.findall(loaded, page.read_text(encoding="utf-8")):
            assert name in listing["bytes"]


@on_tensorflow
@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("full_conv", {}, "reads video, which a camera in the browser does not give"),
        ("full_conv_v3", {"input": "landmarks"}, "may depend on the whole clip"),
    ],
)
def test_a_model_that_cannot_read_a_camera_is_refused(
    name, options, message, tmp_path, capsys
):
    path = export(tmp_path, name, **options)
    assert run("--models", path) == 1
    assert message in capsys.readouterr().err


def test_a_file_that_is_no_model_is_refused(tmp_path, capsys):
    pytest.importorskip("onnx")
    (tmp_path / "notes.onnx").write_bytes(b"notes")
    assert run("--models", tmp_path / "notes.onnx") == 1
    assert "notes.onnx is no ONNX file" in capsys.readouterr().err


def test_another_package_than_the_published_one_is_refused(packages):
    changed = packages / libraries.LIBRARIES[1].package
    changed.write_bytes(b"something else")
    with pytest.raises(
        web.WebError, match=r"is not onnxruntime-web 1\.30\.0 as npm has it"
    ):
        libraries.packages(packages)


def test_without_npm_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(web.WebError, match=r"install Node\.js, or name a folder"):
        libraries.packages(tmp_path / "none", lambda line: None)


def test_what_npm_gets_is_checked(tmp_path, monkeypatch):
    def pack(words, **how):
        name = libraries.LIBRARIES[0].package
        (pathlib.Path(words[-1]) / name).write_bytes(b"something else")
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr("subprocess.run", pack)
    monkeypatch.setattr("shutil.which", lambda name: name)
    with pytest.raises(web.WebError, match="is not what was published"):
        libraries.packages(tmp_path, lambda line: None)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def served(tmp_path):
    """The address of a server of a folder with one file of each kind."""
    for name in ("index.html", "main.js", "ort.wasm", "files.json", "style.css"):
        (tmp_path / name).write_bytes(b"")
    with web.serve(tmp_path, port=0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://{running.server_address[0]}:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("main.js", "text/javascript; charset=utf-8"),
        ("ort.wasm", "application/wasm"),
        ("files.json", "application/json"),
        ("style.css", "text/css; charset=utf-8"),
    ],
)
def test_files_are_served_as_what_they_are_under_a_strict_policy(served, name, kind):
    with urllib.request.urlopen(f"{served}/{name}") as answer:
        assert answer.headers["Content-Type"] == kind
        policy = answer.headers["Content-Security-Policy"]
    sources = set(re.findall(r"'[\w-]+'|blob:|data:", policy))
    assert sources == {"'self'", "'none'", "'wasm-unsafe-eval'", "blob:", "data:"}
    assert "http" not in policy


def test_the_page_has_the_same_policy_on_other_hosts():
    text = (site.PAGE / "index.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'content="(default-src [^"]*)"', text)
    assert policy == server.POLICY


def test_a_port_that_is_taken_is_told(served, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(web, "build", lambda *given, **how: tmp_path)
    port = served.rpartition(":")[2]
    assert run("--models", "any.onnx", "--port", port) == 1
    assert f"Port {port} cannot be served on" in capsys.readouterr().err


def test_exported_models_and_one_to_export_are_not_both_given(capsys):
    assert run("--models", "any.onnx", "--model", "full_conv") == 1
    assert "leave out --model" in capsys.readouterr().err
