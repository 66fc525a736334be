import errno
import os
import shutil

import filelock
import pytest

from dtf_keras import files
from dtf_keras.files import set_aside, write_folder_whole, write_text, write_whole


def test_a_broken_write_leaves_the_file_before_it(tmp_path):
    path = tmp_path / "notes.txt"
    write_text(path, "old")

    def break_off(part):
        part.write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(path, break_off)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_written_whole_or_stays_as_it_was(tmp_path):
    path = tmp_path / "folder"
    write_folder_whole(path, lambda part: (part / "a").write_text("old"))

    def break_off(part):
        (part / "a").write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_folder_whole(path, break_off, replace=True)
    with pytest.raises(FileExistsError, match="choose a new folder"):
        write_folder_whole(path, break_off)
    assert (path / "a").read_text() == "old"
    write_folder_whole(path, lambda part: (part / "b").touch(), replace=True)
    assert [file.name for file in path.iterdir()] == ["b"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EFBIG])
@pytest.mark.parametrize("write", [write_whole, write_folder_whole])
def test_what_the_system_says_names_the_file_that_was_written(number, write, tmp_path):
    def fail(part):
        raise OSError(number, os.strerror(number), str(part))

    why = rf"notes cannot be written \({os.strerror(number)}\): make room there, or"
    with pytest.raises(files.WriteError, match=why):
        write(tmp_path / "notes", fail)


def test_what_hdf5_says_of_a_full_disk_names_the_file_too(tmp_path):
    def fail(part):
        raise RuntimeError(f"file write failed, errno = {errno.ENOSPC}, x")

    with pytest.raises(files.WriteError, match=r"notes cannot .*No space left on dev"):
        write_whole(tmp_path / "notes", fail)


def test_a_folder_comes_back_that_cannot_be_replaced(tmp_path, monkeypatch):
    path = tmp_path / "folder"
    write_folder_whole(path, lambda part: (part / "a").write_text("old"))
    replace = os.replace

    def fail_at_the_new_one(source, target):
        if source.parent.name == "new":
            raise OSError(errno.EIO, "lost")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", fail_at_the_new_one)
        with pytest.raises(OSError, match="folder cannot be written"):
            write_folder_whole(path, lambda part: None, replace=True)
    assert (path / "a").read_text() == "old"


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path):
    def look(part):
        living = part.parent.parent
        killed = tmp_path / ".part-killed"
        shutil.copytree(living, killed)
        os.utime(killed / "lock", (0, 0))
        (killed / "old" / "replaced").mkdir()
        new = tmp_path / ".part-new"  # made, and not locked yet
        shutil.copytree(living, new)
        (new / "lock").touch()
        (tmp_path / ".part-of-another-program").mkdir()
        files._sweep.cache_clear()
        write_text(tmp_path / "other", "")
        assert not killed.exists()
        shutil.rmtree(new)
        part.write_text("whole")

    write_whole(tmp_path / "notes", look)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".part-of-another-program", "notes", "other", "replaced"]


def test_what_was_set_aside_before_stays(tmp_path):
    for content in ("one", "two"):
        write_text(tmp_path / "notes", content)
        set_aside(tmp_path / "notes")
    assert (tmp_path / "notes.damaged").read_text() == "one"
    assert (tmp_path / "notes.damaged-2").read_text() == "two"


@pytest.mark.parametrize("error", [OSError(errno.ENOLCK, "none"), NotImplementedError])
def test_a_file_system_that_cannot_lock_can_be_written(error, tmp_path, monkeypatch):
    def refuse(lock, timeout=None):
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    others = tmp_path / ".part-others"
    (others / "old").mkdir(parents=True)
    (others / "lock").touch()
    write_text(tmp_path / "notes.txt", "new")
    assert (tmp_path / "notes.txt").read_text() == "new"
    assert others.exists()
