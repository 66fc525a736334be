import os
import sys

import numpy as np
import pytest

from dtf_keras import convert
from tests.helpers import golden_recipe as recipe
from tests.helpers import published

torch = pytest.importorskip("torch")


class Harmful:
    """Unpickled carelessly, it makes a folder named `executed`."""

    def __reduce__(self):
        return os.mkdir, ("executed",)


def save(path, content, legacy=False):
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


@pytest.mark.parametrize("kind", ["zip", "legacy", "zip_plainloss"])
def test_the_trainers_files_are_read(kind):
    checkpoint = convert.load_checkpoint(recipe.FIXTURES / f"ckpt_small_{kind}.pkl")
    assert (checkpoint.epoch, checkpoint.num_updates) == (3, 0)
    assert checkpoint.loss == 1.75
    expected = recipe.part(recipe.fixture("layer_P_block"), "w")
    for name, array in expected.items():
        np.testing.assert_array_equal(checkpoint.state_dict[name], array)
    aliases = recipe.layer_about("layer_P_block")["aliases"]
    for second, first in aliases.items():
        np.testing.assert_array_equal(checkpoint.state_dict[second], expected[first])


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("plain", [False, True])
def test_a_file_becomes_a_model(tmp_path, legacy, plain):
    state_dict = recipe.narrow("full_conv_v9", 0.0625)
    content = {name: torch.tensor(x) for name, x in state_dict.items()}
    if not plain:
        content = {
            "epoch": 4,
            "num_updates": 0,
            "model_state_dict": content,
            "optimizer_state_dict": {"state": {}, "param_groups": []},
            "loss": np.float64(2.5),
        }
    path = save(tmp_path / "ep4_26.0.pkl", content, legacy)
    model = convert.from_checkpoint(path, frame_size=32)
    assert model.name == "full_conv_v9"
    expected = convert.from_state_dict(state_dict, frame_size=32).get_weights()
    for found, one in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, one)
    assert convert.load_checkpoint(path).epoch == (None if plain else 4)


@pytest.mark.parametrize("legacy", [False, True])
def test_nothing_in_a_file_is_executed(tmp_path, monkeypatch, legacy):
    monkeypatch.chdir(tmp_path)
    content = {"model_state_dict": {"a": torch.zeros(1)}, "loss": Harmful()}
    path = save(tmp_path / "harmful.pkl", content, legacy)
    with pytest.raises(convert.CheckpointError, match=r"asks for \w+\.mkdir"):
        convert.load_checkpoint(path)
    objects = {"a": torch.zeros(1), "loss": np.array([Harmful()])}
    with pytest.raises(convert.CheckpointError, match="asks for numpy"):
        convert.load_checkpoint(save(tmp_path / "objects.pkl", objects, legacy))
    assert not (tmp_path / "executed").exists()
    torch.load(path, weights_only=False)  # it would have shown
    assert (tmp_path / "executed").exists()


class Reduced:
    """Pickled as what it is given."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


_new = np._core.multiarray._reconstruct
_scalar = np._core.multiarray.scalar
_empty = (np.ndarray, (0,), b"b")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (np.array([1, "text"], object), "asks for numpy's type 'O8', no number"),
        (np.array(["text"]), "asks for numpy's type 'U4'"),
        (np.zeros(2, [("a", "f4"), ("b", "i4")]), "asks for numpy's type 'V8'"),
        (np.zeros(2, complex), "asks for numpy's type 'c16'"),
        (np.datetime64("2020-01-01"), "asks for numpy's type 'M8'"),
        (Reduced(_scalar, (np.dtype("O"), Harmful())), "asks for numpy's type 'O8'"),
        (Reduced(_scalar, (Harmful(), b"1234")), r"asks for \w+\.mkdir"),
        (Reduced(_scalar, ("f4", b"1234")), "asks for numpy's type 'f4'"),
        (Reduced(_new, (Harmful(), (0,), b"b")), r"asks for \w+\.mkdir"),
        (Reduced(_new, _empty, (1, (1,), "O", False, [Harmful()])), "asks for"),
        (Reduced(_new, _empty, (1, (1,), "O", False, [1])), "numpy's type 'O'"),
        (Reduced(_new, _empty, Harmful()), r"asks for \w+\.mkdir"),
        (Reduced(_new, _empty, (1, (9,), np.dtype("f4"), False, b"1234")), "cut off"),
        (Reduced(np.ndarray, ((2,), "O")), "cut off"),
        (Reduced(np.dtype, ("f4",), {"a": 1}), "cut off"),
        (Reduced(np.fromfile, ("secret",)), "asks for numpy.fromfile"),
        (Reduced(eval, ("1",)), "asks for eval"),
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_of_numpy_only_numbers_are_made(tmp_path, monkeypatch, entry, message, legacy):
    monkeypatch.chdir(tmp_path)
    content = {"model_state_dict": {"a": torch.zeros(1)}, "rng_state": entry}
    path = save(tmp_path / "file.pkl", content, legacy)
    with pytest.raises(convert.CheckpointError, match=message):
        convert.load_checkpoint(path)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("legacy", [False, True])
def test_arrays_of_numpy_may_be_the_weights(tmp_path, legacy):
    content = {
        "rows": np.arange(6, dtype="float64").reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6, dtype="uint8").reshape(2, 3)),
        "scalar": np.float32(2.5),
        "other_end": np.arange(3, dtype=">i4"),
    }
    found = convert.load_checkpoint(save(tmp_path / "x.pt", content, legacy)).state_dict
    assert list(found) == list(content)
    for name, array in content.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == "float32"


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("core", [b"numpy._core", b"numpy.core"])
@pytest.mark.parametrize("name", ["full_conv", "vac", "vac_smkd"])
def test_a_published_file_is_read(tmp_path, name, legacy, core):
    state_dict = published.state_dict(name)
    content = published.trainers_file(state_dict)
    path = save(tmp_path / "dev_21.2.pt", content, legacy)
    if legacy:  # the name of the module in numpy 1 and 2
        content = path.read_bytes()
        assert b"cnumpy._core.multiarray\n" in content
        path.write_bytes(content.replace(b"cnumpy._core.", b"c" + core + b"."))
    assert convert.load_checkpoint(path).epoch == 39
    options = {"name": published.told_name(name), "frame_size": 32}
    model = convert.from_checkpoint(path, **options)
    expected = convert.from_state_dict(state_dict, **options).get_weights()
    for found, one in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, one)


def test_numpys_globals_are_allowed_for_the_reading_only():
    before = set(torch.serialization.get_safe_globals())
    convert.load_checkpoint(recipe.FIXTURES / "ckpt_small_zip.pkl")
    assert set(torch.serialization.get_safe_globals()) == before


@pytest.mark.parametrize("kind", ["zip", "legacy"])
@pytest.mark.parametrize("size", [0, 4, 3000, 30000])
def test_a_file_that_is_cut_off_is_an_error(tmp_path, kind, size):
    whole = (recipe.FIXTURES / f"ckpt_small_{kind}.pkl").read_bytes()
    path = tmp_path / "cut.pkl"
    path.write_bytes(whole[:size])
    with pytest.raises(convert.CheckpointError, match=r"cut\.pkl is no torch"):
        convert.load_checkpoint(path)


def test_other_files_are_errors_that_name_them(tmp_path):
    (tmp_path / "notes.txt").write_text("no checkpoint at all")
    with pytest.raises(convert.CheckpointError, match=r"notes\.txt is no torch"):
        convert.load_checkpoint(tmp_path / "notes.txt")
    path = save(tmp_path / "list.pkl", [1, 2])
    with pytest.raises(convert.CheckpointError, match=r"list\.pkl.*Received: list"):
        convert.load_checkpoint(path)
    with pytest.raises(FileNotFoundError, match=r"no checkpoint nowhere\.pkl"):
        convert.load_checkpoint("nowhere.pkl")


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'dtf_keras\[torch\]'"):
        convert.load_checkpoint(recipe.FIXTURES / "ckpt_small_zip.pkl")
