import builtins
import os
import pickle

import numpy as np
import pytest

from dtf_keras import convert

GLOSSES = {"WETTER": [3, 12], "A": [1, 7], "qu-STEIGEN": [2, 1]}
_new = np._core.multiarray._reconstruct


class Reduced:
    """Pickled as what it is given."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


def save(path, content):
    np.save(path, content, allow_pickle=True)
    return path


def test_glosses_come_in_the_order_of_their_classes(tmp_path):
    path = save(tmp_path / "gloss_dict.npy", GLOSSES)
    assert convert.read_glosses(path) == ("A", "qu-STEIGEN", "WETTER")
    assert np.load(path, allow_pickle=True).item() == GLOSSES


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("shape", [(), (1,)])
def test_every_form_of_the_pickle_is_read(tmp_path, protocol, shape):
    array = np.empty(shape, object)
    array[...] = {gloss: tuple(about) for gloss, about in GLOSSES.items()}
    content = pickle.dumps(array, protocol)
    if protocol < 4:  # as numpy 1 calls it
        assert b"cnumpy._core.multiarray" in content
        content = content.replace(b"cnumpy._core.", b"cnumpy.core.")
    with (tmp_path / "gloss_dict.npy").open("wb") as file:
        header = np.lib.format.header_data_from_array_1_0(array)
        np.lib.format.write_array_header_1_0(file, header)
        file.write(content)
    assert convert.read_glosses(file.name) == ("A", "qu-STEIGEN", "WETTER")


def test_text_files_are_read_too(tmp_path):
    (tmp_path / "glosses.txt").write_text("RAIN\nSUN\n")
    assert convert.read_glosses(tmp_path / "glosses.txt") == ("RAIN", "SUN")
    with pytest.raises(FileNotFoundError, match="no file nowhere"):
        convert.read_glosses("nowhere.npy")


@pytest.mark.parametrize(
    ("glosses", "message"),
    [
        ({"A": [1, 2], "B": [1, 2]}, "2 glosses must be 1 to 2, .* class 1 twice"),
        ({"A": [1, 2], "B": [3, 2]}, "1 to 2, each once; there is no class 2"),
        ({"A": [0, 2], "B": [1, 2]}, "1 to 2, each once; there is no class 2"),
        ({"A": 1}, r"'A': 1 is no gloss with \[class, count\]"),
        ({"A": []}, "no gloss with"),
        ({"A": [1.0, 2]}, "no gloss with"),
        ({"A": [True, 2]}, "no gloss with"),
        ({1: [1, 2]}, "no gloss with"),
        ({" A": [1, 2]}, "Gloss 1 of the vocabulary is ' A'"),
        ({}, "at least one gloss"),
        (["A", "B"], "dict of glosses was expected, not list"),
        (None, "dict of glosses was expected, not NoneType"),
    ],
)
def test_other_classes_are_one_sentence(tmp_path, glosses, message):
    path = tmp_path / "gloss_dict.npy"
    array = np.empty((), object)
    array[()] = glosses
    with pytest.raises(ValueError, match=f"gloss_dict.npy: .*{message}"):
        convert.read_glosses(save(path, array))


HARMFUL = Reduced(os.mkdir, ("executed",))
MKDIR = rf"holds {os.mkdir.__module__}\.mkdir, where .*nothing in it was executed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HARMFUL, MKDIR),
        ({"A": [1, HARMFUL]}, MKDIR),
        ({"A": [1, Reduced(builtins.eval, ("1",))]}, r"holds builtins\.eval"),
        ({"A": [1, np.int64(3)]}, r"holds numpy\._core\.multiarray\.scalar"),
        ({"A": [1, np.array([1])]}, r"holds numpy\._core\.multiarray\._reconstruct"),
        ({"A": [1, np.array([HARMFUL])]}, MKDIR),
        ({"A": [1, {3}]}, "holds set"),
        ({"A": [1, b"3"]}, "holds bytes"),
        (Reduced(_new, (np.ndarray, (0,), b"b"), HARMFUL), MKDIR),
        (Reduced(np.ndarray, (HARMFUL,)), MKDIR),
        ({"A": [1, np.dtype]}, r"holds numpy\.dtype"),
        ({"A": [1, os.path.join]}, r"holds \w+path\.join"),
    ],
)
def test_nothing_in_a_file_is_executed(tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    array = np.empty((), object)
    array[()] = content
    path = save(tmp_path / "gloss_dict.npy", array)
    with pytest.raises(ValueError, match=message):
        convert.read_glosses(path)
    assert not (tmp_path / "executed").exists()


def test_other_files_of_numpy_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"numbers.npy: .* an array of int64"):
        convert.read_glosses(save(tmp_path / "numbers.npy", np.arange(3)))
    whole = save(tmp_path / "gloss_dict.npy", GLOSSES).read_bytes()
    for size in (6, 8, 40, len(whole) // 2, len(whole) - 3):
        (tmp_path / "cut.npy").write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"cut\.npy: .*or is cut off"):
            convert.read_glosses(tmp_path / "cut.npy")
