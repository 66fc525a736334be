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
from PIL import Image

from dtf_keras import data
from dtf_keras.data.packed_file import reading, unfinished, writing
from dtf_keras.data.packed_file.unfinished import UnfinishedFile
from dtf_keras.data.packed_file.writing import check_request, pack
from dtf_keras.input_format import InputFormat
from dtf_keras.values import size_in_words
from tests.helpers import miniature

SPLITS = ("train", "dev", "test")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return miniature.write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def corpora(release):
    return load(release)


def load(root, **options):
    options = {"frame_size": 28, "say": lambda line: None, **options}
    return [data.load("phoenix2014", s, root=root, **options) for s in SPLITS]


@pytest.fixture
def out(tmp_path):
    return tmp_path / "packed" / "corpus.h5"


@pytest.fixture
def lines():
    return []


def break_at(corpus, clip, monkeypatch, error=KeyboardInterrupt):
    """Makes reading a clip of `corpus` end packing."""
    read = corpus._read

    def breaking(index):
        if index == clip:
            raise error
        return read(index)

    monkeypatch.setattr(corpus, "_read", breaking)


def flip(path, place, bits=1):
    content = bytearray(path.read_bytes())
    content[place] ^= bits
    path.write_bytes(content)


def assert_same(packed, corpus):
    assert packed.clips == corpus.clips
    assert packed.vocabulary == corpus.vocabulary
    assert packed.version == corpus.version
    for name in ("name", "split", "input_format", "facts"):
        assert getattr(packed, name) == getattr(corpus, name), name
    assert packed.augmentation == corpus.augmentation
    for index in range(len(corpus)):
        expected = corpus.uncropped_frames(index)
        np.testing.assert_array_equal(packed.uncropped_frames(index), expected)


def test_a_packed_corpus_is_the_corpus(corpora, out):
    packed = pack(corpora, out, {"root": "somewhere"})
    assert packed.num_frames == sum(corpus.num_frames for corpus in corpora)
    assert [path.name for path in out.parent.iterdir()] == ["corpus.h5"]
    for corpus, again in zip(corpora, load(out), strict=True):
        assert_same(again, corpus)
        assert_same(data.load("packed", corpus.split, root=out), corpus)


def test_the_file_says_what_it_is_and_where_it_is_from(corpora, out):
    pack(corpora, out, {"root": "somewhere"})
    with h5py.File(out) as file:
        assert file.attrs["name"] == "phoenix2014"
        assert '"root": "somewhere"' in file.attrs["provenance"]
        assert file["train/frames"].shape == (11 * 16, 32, 32, 3)
        assert file["train/frames"].dtype == np.uint8
        assert file["dev/glosses"].asstr()[0].split() == list(
            corpora[1].clips[0].glosses
        )
        np.testing.assert_array_equal(
            file["train/frames"][:16], corpora[0].uncropped_frames(0)
        )


def test_any_corpus_can_be_packed(out, tmp_path):
    corpus = data.load("fingerspelling", "dev", num_clips=3)
    pack([corpus], out)
    packed = data.load("packed", "dev", root=out)
    assert (packed.name, packed.augmentation) == ("fingerspelling", None)
    np.testing.assert_array_equal(packed.frames(2), corpus.frames(2))


def test_pictures_of_any_form_are_packed_with_their_format(release, out):
    options = {"frame_size": (28, 42), "crop": 0.7, "resize": "lanczos"}
    corpora = load(release, **options)
    pack(corpora, out)
    for corpus in corpora:
        assert_same(data.load("packed", corpus.split, root=out), corpus)
    (again, *_) = load(out, **options)
    assert again.input_format == InputFormat(28, 42, 25.0, 0.7, "lanczos")


@pytest.mark.parametrize(
    ("options", "size", "how"),
    [
        ({"frame_size": 14}, (16, 16), Image.Resampling.BILINEAR),
        ({"frame_size": (14, 21)}, (16, 24), Image.Resampling.BILINEAR),
        ({"resize": "lanczos", "crop": 1.0}, (28, 28), Image.Resampling.LANCZOS),
    ],
)
def test_smaller_frames_are_made_of_those_in_the_file(
    options, size, how, release, out, lines
):
    pack(load(release, resize="lanczos"), out)
    (train, *_) = load(out, say=lines.append, **options)
    assert train.input_format.read_size == size
    assert (
        f"train: frames of 32 pixels are resized to {size_in_words(size)}"
        in " ".join(lines)
    )
    kept = load(out)[0].uncropped_frames(3)
    frames = train.uncropped_frames(3)
    expected = Image.fromarray(kept[5]).resize(size[::-1], how)
    np.testing.assert_array_equal(frames[5], np.asarray(expected))
    assert train.frames(3).shape[1:3] == train.input_format.frame_size
    assert train.clips == load(release)[0].clips


def test_frames_of_the_same_size_may_be_cropped_otherwise(release, out):
    corpora = load(release)
    pack(corpora, out)
    (train, *_) = load(out, frame_size=32, crop=1.0)
    assert train.input_format == InputFormat(32, 32, 25.0)
    np.testing.assert_array_equal(train.frames(2), corpora[0].uncropped_frames(2))


def test_drawn_frames_are_not_made_smaller(out):
    pack([data.load("fingerspelling", "dev", num_clips=2)], out)
    with pytest.raises(ValueError, match="32 out of 32 pixels, and cannot give 16"):
        data.load("packed", "dev", root=out, frame_size=16)


def write_format_1(path, corpora, read_size):
    """Turns the packed file of `corpora` into one of the format before, as it was."""
    pack(corpora, path)
    with h5py.File(path, "r+") as file:
        file.attrs["format"] = "dtf_keras packed corpus 1"
        del file.attrs["input_format"]
        file.attrs["frame_size"] = corpora[0].input_format.height
        file.attrs["read_size"] = read_size
        file.attrs["frame_rate"] = 25.0
        file["seal"][...] = np.frombuffer(reading.seal(file), "u1")


def test_a_file_of_the_format_before_is_read(corpora, out):
    write_format_1(out, corpora, read_size=32)
    for corpus, again in zip(corpora, load(out), strict=True):
        assert_same(again, corpus)


@pytest.mark.parametrize(("frame_size", "read_size"), [(32, 36), (100, 114), (36, 41)])
def test_the_frames_of_the_format_before_keep_their_size(
    frame_size, read_size, make_corpus, out
):
    """There 8/7 of the crop was rounded down."""
    size, crop = (frame_size, frame_size), frame_size / read_size
    corpus = make_corpus([12], size=size, crop=crop)
    write_format_1(out, [corpus], read_size)
    again = data.load("packed", "train", root=out)
    assert again.input_format.read_size == (read_size, read_size)
    np.testing.assert_array_equal(again.frames(0), corpus.frames(0))


@pytest.mark.parametrize("error", [KeyboardInterrupt, data.ClipError])
def test_an_interrupted_packing_goes_on_where_it_stopped(
    error, corpora, release, out, monkeypatch, lines
):
    break_at(corpora[0], 7, monkeypatch, error)
    with pytest.raises(error):
        pack(corpora, out, workers=1)
    assert not out.exists()
    with pytest.raises(ValueError, match=r"corpus\.h5\.part .*packing it did not end"):
        data.load("packed", "train", root=out.with_name("corpus.h5.part"))

    again, read = load(release), []
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
    seconds, least, most, release, out, corpora
):
    """Clips that are not noted do not count, whatever the file holds."""
    code = f"""
import os, signal
from dtf_keras import data
from dtf_keras.data.packed_file import writing
writing.NOTE_SECONDS = {seconds}
corpora = [
    data.load("phoenix2014", split, root={str(release)!r}, frame_size=28)
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


def damage(name):
    """Turns all bits of a byte where the file says what `name` in it is."""

    def turn(part):
        with h5py.File(part) as file:
            place = h5py.h5o.get_info(file[name].id).addr
        flip(part, place, 0xFF)

    return turn


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
    corpora, release, out, monkeypatch
):
    with monkeypatch.context() as patch:
        break_at(corpora[0], 2, patch)
        with pytest.raises(KeyboardInterrupt):
            pack(corpora, out, workers=1)
    with pytest.raises(FileExistsError, match="part is the unfinished file"):
        pack(load(release, frame_size=56), out)
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


def test_few_clips_are_in_memory_at_a_time(make_corpus, out):
    alive, most = [0], [0]

    class Counted(np.ndarray):
        def __del__(self):
            alive[0] -= 1

    def read(index):
        alive[0] += 1
        most[0] = max(most[0], alive[0])
        return np.zeros((12, 8, 8, 3), "uint8").view(Counted)

    pack([make_corpus([12] * 40, read=read)], out, workers=2)
    assert most[0] <= 2 * 2 + 1


def test_a_clip_that_cannot_be_read_is_named(corpora, out, monkeypatch):
    error = data.ClipError("Clip x: its file is gone.")
    break_at(corpora[0], 3, monkeypatch, error)
    with pytest.raises(data.ClipError, match="Clip x: its file is gone"):
        pack(corpora, out)
    assert not out.exists()


def test_splits_of_different_corpora_are_refused(make_corpus, release, out):
    with pytest.raises(ValueError, match="has another input_format than train"):
        pack([load(release)[0], load(release, frame_size=56)[1]], out)
    corpus = make_corpus([12], [("A",)])
    corpus.clips = (data.Clip("clip0", ("A B",), "", 12),)
    with pytest.raises(ValueError, match="Clip clip0 has a gloss with a blank"):
        pack([corpus], out)


def test_a_damaged_frame_is_named_with_its_clip(corpora, out):
    pack(corpora, out)
    with h5py.File(out) as file:
        place = file["dev/frames"].id.get_offset() + 30 * 32 * 32 * 3
    flip(out, place)
    dev = data.load("packed", "dev", root=out)
    dev.frames(0)
    with pytest.raises(data.ClipError, match=rf"{dev.clips[1].id} in .* is damaged"):
        dev.frames(1)


def test_a_damaged_table_is_refused(corpora, out):
    pack(corpora, out)
    with h5py.File(out) as file:
        place = file["dev/crc32"].id.get_offset()
    flip(out, place)
    with pytest.raises(ValueError, match="its tables are damaged"):
        data.load("packed", "dev", root=out)


def test_a_cut_off_file_is_refused(corpora, out):
    pack(corpora, out)
    os.truncate(out, out.stat().st_size - 1)
    with pytest.raises(ValueError, match="is not a whole packed corpus"):
        data.load("packed", "dev", root=out)


@pytest.mark.parametrize("name", ["/", "train", "dev/ids", "vocabulary", "seal"])
def test_damage_to_the_structure_of_a_file_is_refused(name, corpora, out):
    pack(corpora, out)
    damage(name)(out)
    with pytest.raises(ValueError, match=r"corpus.h5 is not a whole packed corpus \("):
        data.load("packed", "dev", root=out)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "other.h5"
    path.write_text("no HDF5")
    with pytest.raises(ValueError, match="is not a whole packed corpus"):
        data.load("packed", "dev", root=path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(ValueError, match=r"is not a file that pack\.py wrote"):
        data.load("phoenix2014", "dev", root=path)


def test_what_a_packed_file_cannot_give_is_said(corpora, out):
    pack(corpora[:1], out)
    with pytest.raises(ValueError, match="28 out of 32 pixels, and cannot give 112 "):
        data.load("phoenix2014", "train", root=out)
    with pytest.raises(ValueError, match=r"give 28x42 .*: give --frame-size 28 --crop"):
        data.load("packed", "train", root=out, frame_size=(28, 42))
    with pytest.raises(ValueError, match=r"give 28 out of 56: .*--crop 0\.875, or p"):
        data.load("packed", "train", root=out, crop=0.5)
    with pytest.raises(ValueError, match="with resize bilinear, not lanczos"):
        data.load("phoenix2014", "train", root=out, frame_size=28, resize="lanczos")
    with pytest.raises(ValueError, match=r"no split 'dev'; it has \['train'\]"):
        data.load("packed", "dev", root=out)
    with pytest.raises(ValueError, match="has phoenix2014 packed in it, not p"):
        data.load("phoenix2014t", "train", root=out)
    with pytest.raises(ValueError, match="on_bad_clip must be one of 'stop', 'skip'"):
        data.load("phoenix2014", "train", root=out, frame_size=28, on_bad_clip="x")


def test_a_packed_file_takes_another_vocabulary_and_fewer_clips(corpora, out, tmp_path):
    pack(corpora, out)
    path = tmp_path / "glosses.txt"
    path.write_text("WIND\nREGEN\n")
    lines = []
    dev = data.load("packed", "dev", root=out, vocabulary=path, say=lines.append)
    assert dev.vocabulary.glosses == ("WIND", "REGEN", "<unk>")
    assert "count as <unk>" in lines[0]
    few = data.load("packed", "dev", root=out, num_clips=2)
    np.testing.assert_array_equal(few.frames(1), corpora[1].frames(1))
    fewer = data.load(
        "phoenix2014", "dev", root=out, frame_size=28, leave_out=(few.clips[0].id,)
    )
    np.testing.assert_array_equal(fewer.frames(0), corpora[1].frames(1))
