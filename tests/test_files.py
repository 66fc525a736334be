import pytest

from dtf_keras.files import write_text, write_whole


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
