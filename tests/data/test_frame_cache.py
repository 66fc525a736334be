import errno
import os

import numpy as np
import pytest

from dtf_keras.data.batches.frame_cache import FrameCache, cache_folder
from dtf_keras.input_format import InputFormat

LENGTHS = [3, 5, 2]


def clip(index):
    shape = (LENGTHS[index], 4, 4, 3)
    return np.random.default_rng(index).integers(0, 256, shape, "uint8")


def open_cache(cache_dir, **depends_on):
    return FrameCache("plain", depends_on, LENGTHS, InputFormat(4, 4), cache_dir)


def filled(cache_dir):
    cache = open_cache(cache_dir)
    for index in range(3):
        cache.put(index, clip(index))
    return cache


def read_all(cache_dir):
    cache = open_cache(cache_dir)
    return [cache.get(index) for index in range(3)]


def test_frames_come_back_before_and_after_the_last_clip(cache_dir):
    cache = open_cache(cache_dir)
    for index in (2, 0):
        assert cache.get(index) is None
        cache.put(index, clip(index))
        np.testing.assert_array_equal(cache.get(index), clip(index))
    assert not cache.complete
    cache.put(1, clip(1))
    assert cache.complete
    for reader in (cache, open_cache(cache_dir)):
        for index in range(3):
            np.testing.assert_array_equal(reader.get(index), clip(index))


def test_incomplete_file_is_invisible_and_goes_with_its_writer(cache_dir):
    cache = open_cache(cache_dir)
    cache.put(0, clip(0))
    assert open_cache(cache_dir).get(0) is None
    del cache
    assert list(cache_dir.iterdir()) == []


def test_two_writers_at_once_leave_one_whole_file(cache_dir):
    one, two = open_cache(cache_dir), open_cache(cache_dir)
    for index in range(3):
        one.put(index, clip(index))
        two.put(2 - index, clip(2 - index))
    assert list(cache_dir.iterdir()) == [one.path]
    for cache in (one, two, open_cache(cache_dir)):
        np.testing.assert_array_equal(cache.get(1), clip(1))


def test_other_parameters_do_not_share_frames(cache_dir):
    filled(cache_dir)
    assert open_cache(cache_dir).get(0) is not None
    assert open_cache(cache_dir, seed=1).get(0) is None


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_truncated_file_is_reported_and_made_anew(cache_dir, keep):
    path = filled(cache_dir).path
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.warns(UserWarning, match=f"{path.name} is made anew"):
        cache = open_cache(cache_dir)
    assert cache.get(0) is None
    np.testing.assert_array_equal(filled(cache_dir).get(1), clip(1))


@pytest.mark.parametrize("where", [0, 200, -40, -1])
def test_damaged_file_is_reported_and_made_anew(cache_dir, where):
    path = filled(cache_dir).path
    content = bytearray(path.read_bytes())
    content[where] ^= 1
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="made anew"):
        found = read_all(cache_dir)
    assert any(frames is None for frames in found)
    again = filled(cache_dir)
    assert again.complete
    np.testing.assert_array_equal(again.get(2), clip(2))


def test_without_a_folder_that_can_be_written_it_goes_on(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert read_all(tmp_path / "file") == [None] * 3
        assert not filled(tmp_path / "file").complete
    (line,) = capsys.readouterr().out.splitlines()
    assert "cannot be kept in" in line
    assert "file (File exists): it goes on without, and is slower" in line
    assert "Choose another folder with DTF_KERAS_CACHE" in line


def test_a_disk_that_gets_full_ends_the_keeping(cache_dir, capsys, monkeypatch):
    cache = open_cache(cache_dir)
    cache.put(0, clip(0))

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("dtf_keras.data.batches.frame_cache.zlib.crc32", full)
        cache.put(1, clip(1))
    cache.put(2, clip(2))
    assert [cache.get(index) for index in range(3)] == [None] * 3
    assert list(cache_dir.iterdir()) == []
    assert "No space left on device" in capsys.readouterr().out


def test_a_file_that_the_system_does_not_give_stays(cache_dir, capsys, monkeypatch):
    path = filled(cache_dir).path

    def refuse(*args):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(np, "memmap", refuse)
        assert not open_cache(cache_dir).complete
    assert "Input/output error" in capsys.readouterr().out
    assert list(cache_dir.iterdir()) == [path]
    assert open_cache(cache_dir).complete


def test_folder_is_the_option_then_the_environment_then_home(monkeypatch):
    assert cache_folder("given").name == "given"
    monkeypatch.setenv("DTF_KERAS_CACHE", "environment")
    assert cache_folder().name == "environment"
    monkeypatch.delenv("DTF_KERAS_CACHE")
    assert cache_folder().parts[-2:] == (".cache", "dtf_keras")
