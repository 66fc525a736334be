"""Packing that was interrupted, and two that pack one file."""

import contextlib
import errno
import fcntl
import os
import re
import signal
import subprocess
import sys

import h5py
import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.packed_file import unfinished, writing
from dtf_keras.data.packed_file.unfinished import UnfinishedFile
from dtf_keras.data.packed_file.writing import check_request, pack
from tests.helpers.packing import SPLITS, assert_same, break_at, damage, load


@pytest.mark.parametrize("error", [KeyboardInterrupt, data.ClipError])
def test_an_interrupted_packing_goes_on_where_it_stopped(
    error, corpora, shared_release, out, monkeypatch, lines
):
    break_at(corpora[0], 7, monkeypatch, error)
    with pytest.raises(error):
        pack(corpora, out, workers=1)
    assert not out.exists()
    with pytest.raises(ValueError, match=r"corpus\.h5\.part .*packing it did not end"):
        data.load("packed", "train", root=out.with_name("corpus.h5.part"))

    again, read = load(shared_release), []
    for corpus in again:
        one = corpus._read
        corpus._read = lambda index, one=one: read.append(index) or one(index)
    packed = pack(again, out, say=lines.append)
    assert lines[0] == f"{out}.part goes on after 7 clips."
    assert len(read) == 4 + 4 + 4
    assert packed.num_frames == sum(c.num_frames for c in again) - 7 * 16
    assert [path.name for path in out.parent.iterdir()] == ["corpus.h5"]
    for corpus, whole in zip(again, load(out), strict=True):
        assert_same(whole, corpus)


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [(0, 1, 13), (1000, 0, 0)],  # threads read ahead of what is written
)
def test_a_killed_process_leaves_nothing_that_looks_whole(
    seconds, least, most, shared_release, out, corpora
):
    """Clips that are not noted do not count, whatever the file holds."""
    code = f"""
import os, signal
from dtf_keras import data
from dtf_keras.data.packed_file import writing
writing.NOTE_SECONDS = {seconds}
corpora = [
    data.load("phoenix2014", split, root={str(shared_release)!r}, frame_size=28)
    for split in {SPLITS}
]
read = corpora[1]._read
def kill(index):
    if index == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(index)
corpora[1]._read = kill
writing.pack(corpora, {str(out)!r}, workers=1)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    left = sorted(path.name for path in out.parent.iterdir())
    assert left == ["corpus.h5.lock", "corpus.h5.part"]
    with pytest.raises(ValueError, match="packing it did not end"):
        data.load("packed", "train", root=out.with_name("corpus.h5.part"))
    lines = []
    pack(corpora, out, say=lines.append)
    (clips_written,) = re.findall(r"goes on after (\d+) clips", lines[0])
    assert least <= int(clips_written) <= most
    for corpus, whole in zip(corpora, load(out), strict=True):
        assert_same(whole, corpus)


def test_what_is_on_the_disk_is_noted_every_second(make_corpus, out, monkeypatch):
    now, noted = [0.0], []

    def read(index):
        now[0] += 0.4
        return np.zeros((12, 8, 8, 3), "uint8")

    note = UnfinishedFile.note
    monkeypatch.setattr(
        UnfinishedFile, "note", lambda part: note(part) or noted.append(now[0])
    )
    monkeypatch.setattr(writing.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(
        writing, "read_ahead", lambda read, todo, *_, **__: (read(*one) for one in todo)
    )
    pack([make_corpus([12] * 6, read=read)], out)
    np.testing.assert_allclose(noted, [1.2, 2.4, 2.4])


def leave_unfinished(corpora, out, monkeypatch):
    """Packs all but a few clips; returns the path of what there is."""
    with monkeypatch.context() as patch:
        break_at(corpora[1], 1, patch)
        with pytest.raises(KeyboardInterrupt):
            pack(corpora, out, workers=1)
    return out.with_name("corpus.h5.part")


def cut_to(size):
    return lambda part: os.truncate(part, size)


def count_too_many(part):
    with h5py.File(part, "r+") as file:
        file["clips_written"][0] = 1000


def name_another_clip(part):
    with h5py.File(part, "r+") as file:
        file["train/ids"][0] = "another"


@pytest.mark.parametrize(
    "break_",
    [cut_to(0), cut_to(1000), damage("/"), damage("train"), damage("train/frames")]
    + [count_too_many, name_another_clip],
)
def test_a_damaged_part_is_kept_aside_and_made_anew(
    break_, corpora, out, monkeypatch, lines
):
    part = leave_unfinished(corpora, out, monkeypatch)
    break_(part)
    content = part.read_bytes()
    pack(corpora, out, say=lines.append)
    assert re.search(r"part is damaged \(.+\): kept as .* and made anew", lines[0])
    assert part.with_name("corpus.h5.part.damaged").read_bytes() == content
    assert_same(data.load("packed", "dev", root=out), corpora[1])


@contextlib.contextmanager
def used_by_another(path):
    """A lock on a file, of the kind that HDF5 takes."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_a_part_that_another_process_has_stays_as_it_is(
    corpora, out, monkeypatch, lines
):
    part = leave_unfinished(corpora, out, monkeypatch)
    content = part.read_bytes()
    who = rf"part is in use by another process \({os.getpid()}, .*HDF5_USE_FILE_LOCKING"
    with used_by_another(part), pytest.raises(OSError, match=who):
        pack(corpora, out)
    assert part.read_bytes() == content
    pack(corpora, out, say=lines.append)
    assert "goes on after" in lines[0]


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.EMFILE])
def test_a_part_that_the_system_does_not_give_stays_as_it_is(
    number, corpora, out, monkeypatch
):
    part = leave_unfinished(corpora, out, monkeypatch)
    content = part.read_bytes()

    def refuse(*args):
        raise OSError(number, "unable to open file")

    with monkeypatch.context() as patch:
        patch.setattr(h5py, "File", refuse)
        with pytest.raises(OSError, match=f"{os.strerror(number)}: .*corpus.h5.part"):
            pack(corpora, out)
    assert part.read_bytes() == content


def test_a_packed_file_that_another_process_has_is_called_so(corpora, out):
    pack(corpora, out)
    in_use = r"corpus.h5 is in use by another process.*HDF5_USE_FILE_LOCKING=FALSE"
    with used_by_another(out), pytest.raises(OSError, match=in_use):
        data.load("packed", "dev", root=out)
    assert len(data.load("packed", "dev", root=out)) == 4


def test_of_two_that_pack_one_file_the_second_is_refused_at_once(corpora, out):
    refused = "corpus.h5 is being packed by another process.* choose another --out"

    first = corpora[0]._read
    seen = []

    def second_begins(index):
        with pytest.raises(OSError, match=refused):
            pack(corpora, out)
        with pytest.raises(OSError, match=refused):
            check_request(out, SPLITS)
        seen.append(index)
        return first(index)

    corpora[0]._read = second_begins
    pack(corpora, out)
    assert sorted(seen) == list(range(len(corpora[0])))
    assert [path.name for path in out.parent.iterdir()] == ["corpus.h5"]


def test_an_interruption_while_the_file_is_laid_out_is_harmless(
    corpora, out, monkeypatch
):
    def stop(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(unfinished.os, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            pack(corpora, out)
    assert not list(out.parent.glob("*.h5"))
    pack(corpora, out)
    assert_same(data.load("packed", "test", root=out), corpora[2])


def test_an_unfinished_file_of_something_else_is_not_overwritten(
    corpora, shared_release, out, monkeypatch
):
    with monkeypatch.context() as patch:
        break_at(corpora[0], 2, patch)
        with pytest.raises(KeyboardInterrupt):
            pack(corpora, out, workers=1)
    with pytest.raises(FileExistsError, match="part is the unfinished file"):
        pack(load(shared_release, frame_size=56), out)
    pack(corpora, out)
    with pytest.raises(FileExistsError, match="remove it, or choose another --out"):
        pack(corpora, out)
    with pytest.raises(FileExistsError, match="exists"):
        check_request(out, SPLITS)


def test_a_split_named_twice_or_no_worker_is_refused_before_anything_is_written(
    corpora, out
):
    with pytest.raises(ValueError, match="The split 'train' is named twice"):
        pack([corpora[0], corpora[0]], out)
    with pytest.raises(ValueError, match="workers must be a whole number from 1"):
        pack(corpora, out, workers=0)
    assert not out.parent.exists()


def test_no_room_on_the_disk_is_said_before_anything_is_written(
    corpora, out, monkeypatch
):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(unfinished.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match=r"needs 958,464 bytes and .* has 1,000 bytes"):
        pack(corpora, out)
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EROFS])
def test_a_disk_that_gets_full_is_named_and_the_same_command_goes_on(
    number, corpora, out, monkeypatch, lines
):
    def full(*args):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedFile, "_sync", full)
        why = rf"corpus.h5 cannot be written \({os.strerror(number)}\).*command goes on"
        with pytest.raises(OSError, match=why):
            pack(corpora, out)
    pack(corpora, out, say=lines.append)
    assert "goes on after 0 clips" in lines[0]
