import pytest

from dtf_keras.files import write_folder_whole, write_text, write_whole


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
