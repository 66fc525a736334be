import pytest

from dtf_keras.benchmarks import BENCHMARKS
from dtf_keras.benchmarks.data import Arguments, run
from tests.helpers import miniature


def test_pictures_packing_and_the_packed_file_are_timed(capsys):
    rates = run(Arguments(clips=2, frames=12, frame_size=28, repeats=1))
    text = capsys.readouterr().out
    assert "2 clips, 24 frames" in text
    for name in ("PNG folders, read", "packed into HDF5", "HDF5, read"):
        assert rates[name] > 0
        assert name in text
    assert "data" in BENCHMARKS


def test_a_release_of_ones_own_can_be_timed(tmp_path, capsys):
    root = miniature.write_release(tmp_path)
    run(Arguments(root=str(root), clips=3, frame_size=28, repeats=1))
    assert "3 clips, 48 frames" in capsys.readouterr().out


def test_a_root_without_a_release_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not the released corpus"):
        run(Arguments(root=str(tmp_path)))
