import os

import h5py
import numpy as np
import pytest
from PIL import Image

from dtf_keras import data
from dtf_keras.data.packed_file import reading
from dtf_keras.data.packed_file.writing import pack
from dtf_keras.input_format import InputFormat
from dtf_keras.values import size_in_words
from tests.helpers.packing import assert_same, break_at, damage, flip, load


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


def test_pictures_of_any_form_are_packed_with_their_format(shared_release, out):
    options = {"frame_size": (28, 42), "crop": 0.7, "resize": "lanczos"}
    corpora = load(shared_release, **options)
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
    options, size, how, shared_release, out, lines
):
    pack(load(shared_release, resize="lanczos"), out)
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
    assert train.clips == load(shared_release)[0].clips


def test_frames_of_the_same_size_may_be_cropped_otherwise(shared_release, out):
    corpora = load(shared_release)
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


def test_splits_of_different_corpora_are_refused(make_corpus, shared_release, out):
    with pytest.raises(ValueError, match="has another input_format than train"):
        pack([load(shared_release)[0], load(shared_release, frame_size=56)[1]], out)
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
