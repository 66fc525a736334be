import pytest

from dtf_keras.training import RunFolder

HISTORY = "epoch,loss,val_wer\n0,9.5,100.0\n1,4.5,60.0\n2,2.5,40.0\n"


def test_history_reads_as_numbers(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.read_history() == []
    folder.history.write_text(HISTORY)
    assert folder.read_history()[1] == {"epoch": 1, "loss": 4.5, "val_wer": 60}


@pytest.mark.parametrize(("epochs", "lines"), [(0, 0), (1, 2), (3, 4)])
def test_rows_of_epochs_without_weights_are_dropped(epochs, lines, tmp_path):
    folder = RunFolder(tmp_path)
    folder.history.write_text(HISTORY)
    folder.keep_history(epochs)
    kept = folder.history.read_text().splitlines()
    assert kept == HISTORY.splitlines()[:lines]


def test_a_row_cut_off_by_a_crash_is_dropped(tmp_path):
    folder = RunFolder(tmp_path)
    folder.history.write_text(HISTORY + "3,1.")
    folder.keep_history(3)
    assert len(folder.read_history()) == 3


def test_an_empty_folder_is_taken_and_one_with_a_file_is_not(tmp_path):
    RunFolder(tmp_path).require_empty()
    RunFolder(tmp_path / "a" / "b").require_empty()
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(FileExistsError, match="not empty"):
            RunFolder(path).require_empty()
