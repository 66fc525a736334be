import functools
import shutil
import unicodedata

import numpy as np
import pytest
from PIL import Image

from dtf_keras import data
from dtf_keras.data.corpora.fingerspelling import recordings
from dtf_keras.data.corpora.table import read_table
from dtf_keras.input_format import InputFormat
from tests.helpers import miniature


def write_table(path, rows, header=("id", "path", "glosses", "signer")):
    delimiter = "\t" if path.suffix == ".tsv" else ","
    lines = [delimiter.join(row) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def corpus(tmp_path):
    """A folder with two clips as folders of frames, in a training and a dev table."""
    rng = np.random.default_rng(0)
    for name, glosses in (("one", ["REGEN", "WIND"]), ("two", ["WIND", "__ON__"])):
        miniature.write_frames(tmp_path / "clips" / name, name, glosses, rng)
    write_table(
        tmp_path / "train.csv",
        [("1", "clips/one", "REGEN WIND", "Ann"), ("2", "clips/two", " WIND  ON ", "")],
    )
    write_table(tmp_path / "dev.tsv", [("3", "clips/one", "REGEN SCHNEE", "Ben")])
    return tmp_path


def test_folders_of_frames_load(corpus):
    train = data.load("table", "train", root=corpus, frame_size=56, frame_rate=30)
    assert [clip.glosses for clip in train.clips] == [("REGEN", "WIND"), ("WIND", "ON")]
    assert [clip.signer for clip in train.clips] == ["Ann", ""]
    assert [clip.num_frames for clip in train.clips] == [16, 16]
    assert train.input_format == InputFormat(56, 56, 30.0, crop=0.875)
    assert train.vocabulary.glosses == ("ON", "REGEN", "WIND", "<unk>")
    colour = train.frames(0)[:8].mean(axis=(0, 1, 2))
    np.testing.assert_allclose(colour, miniature.COLOURS["REGEN"], atol=12)


def test_tables_with_tabs_and_unknown_glosses_load(corpus):
    lines = []
    dev = data.load("table", "dev", root=corpus, say=lines.append)
    assert dev.vocabulary.encode(dev.clips[0].glosses) == [2, 4]
    assert "1 of 2 glosses" in lines[-1]
    (corpus / "glosses.txt").write_text("SCHNEE\nREGEN\n")
    dev = data.load("table", "dev", root=corpus, vocabulary=corpus / "glosses.txt")
    assert dev.vocabulary.glosses == ("SCHNEE", "REGEN", "<unk>")


@pytest.mark.parametrize("place", range(4))
def test_a_clip_with_control_characters_is_bad(corpus, place):
    row = ["3", "clips/one", "SCHNEE", "Ann"]
    row[place] += "\u202e\x1b[2J"
    with (corpus / "train.csv").open("a", encoding="utf-8") as table:
        table.write(",".join(row) + "\n")
    with pytest.raises(ValueError, match=r"table train: Clip ") as caught:
        data.load("table", "train", root=corpus, say=str)
    assert place == 1 or r"\u202e\x1b[2J'" in str(caught.value)
    train = data.load("table", "train", root=corpus, say=str, on_bad_clip="skip")
    assert [clip.id for clip in train.clips] == ["1", "2"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_first_line_says_what_separates_columns(corpus, separator):
    lines = [
        separator.join(row) for row in (["id", "Path", "glosses"], ["1", "x", "A,B;C"])
    ]
    if separator != "\t":
        lines[1] = lines[1].replace("A,B;C", '"A,B;C"')
    lines.append(2 * separator)  # as spreadsheets write rows that were emptied
    (corpus / "one.csv").write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    assert [row.glosses for row in read_table(corpus / "one.csv")] == [("A,B;C",)]


def test_a_semicolon_in_a_field_is_none_between_columns(corpus):
    write_table(corpus / "train.csv", [("1", "x", "A;B;C;D;E", "")])
    assert read_table(corpus / "train.csv")[0].glosses == ("A;B;C;D;E",)


@pytest.mark.parametrize("place", [r"clips\one", r".\clips\one", r"clips/two\..\one"])
def test_paths_of_windows_are_found(corpus, place):
    write_table(corpus / "train.csv", [("1", place, "A", "")])
    assert data.load("table", "train", root=corpus, say=str).clips[0].num_frames == 16


def test_a_backslash_that_is_in_a_name_stays(corpus):
    (corpus / "clips" / "one").rename(corpus / r"a\b")
    write_table(corpus / "train.csv", [("1", r"a\b", "A", "")])
    assert data.load("table", "train", root=corpus, say=str).clips[0].num_frames == 16


def test_a_gloss_in_two_unicode_forms_is_one_class(corpus, lines):
    forms = [unicodedata.normalize(form, "ÄRGER") for form in ("NFC", "NFD")]
    rows = [(str(n), "clips/one", gloss, gloss) for n, gloss in enumerate(forms)]
    for split in ("train", "dev"):
        (corpus / "dev.tsv").unlink(missing_ok=True)
        write_table(corpus / f"{split}.csv", rows)
        loaded = data.load("table", split, root=corpus, say=lines.append)
        assert loaded.vocabulary.glosses == ("ÄRGER", "<unk>")
        assert loaded.labels == ((1,), (1,))
        assert {clip.signer for clip in loaded.clips} == {"ÄRGER"}
        said = f"table {split}: letters in another Unicode form than NFC are read in"
        assert [said in line for line in lines].count(True) == 1
    (corpus / "glosses.txt").write_text(forms[1] + "\n", encoding="utf-8")
    given = {"vocabulary": corpus / "glosses.txt", "say": lines.append}
    loaded = data.load("table", "dev", root=corpus, **given)
    assert loaded.labels == ((1,), (1,))
    assert any(
        f"{corpus / 'glosses.txt'}: letters in another" in line for line in lines
    )


def test_signers_may_be_left_out_and_paths_absolute(corpus):
    path = str(corpus / "clips" / "one")
    write_table(corpus / "train.csv", [("1", path, "A B")], ("id", "path", "glosses"))
    train = data.load("table", "train", root=corpus)
    assert (train.clips[0].signer, len(train.frames(0))) == ("", 16)


def test_videos_load(corpus):
    av = pytest.importorskip("av", reason="PyAV is not installed")
    with av.open(str(corpus / "clip.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=50)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(40):
            frame = np.full((48, 64, 3), (20, 40, 220), "uint8")
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        file.mux(stream.encode())
    write_table(corpus / "train.csv", [("video", "clip.mp4", "A", "x")])
    train = data.load("table", "train", root=corpus, frame_size=56)
    assert train.clips[0].num_frames == 20
    np.testing.assert_allclose(train.frames(0).mean((0, 1, 2)), (20, 40, 220), atol=5)


@pytest.fixture
def hands(corpus, fake_finder):
    """A table of a `.pose` file and of pictures in which a hand is found."""
    shutil.copy(recordings.recording_files()["ase", "V"], corpus / "v.pose")
    rows = [("pose", "v.pose", "V", "y"), ("pictures", "clips/one", "A", "x")]
    write_table(corpus / "train.csv", rows)
    return corpus


def test_hands_load_as_points(hands, fake_finder):
    def load():
        return data.load("table", "train", root=hands, kind="hand_landmarks")

    train = load()
    assert train.input_format == InputFormat(kind="hand_landmarks")
    assert train.augmentation is None
    for index, clip in enumerate(train.clips):
        assert train.frames(index).shape == (clip.num_frames, 21, 2)
        assert train.frames(index).dtype == np.float32
    assert len(fake_finder.looked_at) == 16
    load().frames(1)
    assert len(fake_finder.looked_at) == 16


def test_hands_load_as_drawings(hands):
    train = data.load("table", "train", root=hands, kind="drawn_hand", frame_size=32)
    assert train.input_format == InputFormat(32, 32, kind="drawn_hand")
    for index, clip in enumerate(train.clips):
        assert train.frames(index).shape == (clip.num_frames, 32, 32, 3)
        assert train.frames(index).std() > 5


def test_a_clip_without_a_hand_is_named_or_skipped(hands):
    (hands / "dark").mkdir()
    Image.new("RGB", (64, 48)).save(hands / "dark" / "1.png")
    rows = [("1", "v.pose", "V", ""), ("2", "dark", "A", "")]
    write_table(hands / "train.csv", rows)
    load = functools.partial(
        data.load, "table", "train", root=hands, kind="hand_landmarks"
    )
    with pytest.raises(ValueError, match="Clip 2: no hand is seen in any of the "):
        load()
    assert [clip.id for clip in load(on_bad_clip="skip").clips] == ["1"]


def test_landmarks_are_refused_where_pictures_are_read(hands):
    with pytest.raises(ValueError, match=r"Clip pose: it is made of landmarks.* kind"):
        data.load("table", "train", root=hands)
    with pytest.raises(ValueError, match="kind must be one of 'video', 'drawn_hand'"):
        data.load("table", "train", root=hands, kind="hands")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("clips/three", "there is no folder .*three"),
        ("clips/three.mp4", r"there is no file .*three\.mp4"),
    ],
)
def test_a_clip_that_is_not_there_is_named_or_skipped(path, why, corpus):
    pytest.importorskip("av", reason="PyAV is not installed")
    rows = [("1", "clips/one", "A B", ""), ("3", path, "A", "")]
    write_table(corpus / "train.csv", rows)
    with pytest.raises(ValueError, match=f"Clip 3: {why}"):
        data.load("table", "train", root=corpus)
    train = data.load("table", "train", root=corpus, on_bad_clip="skip")
    assert [clip.id for clip in train.clips] == ["1"]


def test_two_clips_of_one_name_are_named(corpus):
    write_table(corpus / "train.csv", [("1", "clips/one", "A", "")] * 2)
    with pytest.raises(ValueError, match="Two clips are named 1"):
        data.load("table", "train", root=corpus)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,path\n", "no column 'glosses'; .* id, path"),
        ("", "names nothing"),
        ("id,path,glosses\n", r"train\.csv has no rows"),
        ("id,path,glosses,ID\n", "two columns 'id'"),
        ("id,path,glosses\n1,clips/one,A, B\n", "Line 2 .* 4 fields, not the 3"),
        ("id,path,glosses\n1,clips/one\n", "Line 2 .* 2 fields, not the 3"),
        ('id,path,glosses\n1,a,"A\n2,b,B"\n3,c,C\n', "Line 2 .* a later line closes"),
        ('id,path,glosses\n1,a,"A\n2,b,"B"\n', "Line 2 .* is a quote missing"),
        ('id,path,glosses\n1,a,A\n\n2,b,"B\n3,c,C', "Line 4 .* is a quote missing"),
        ("id,path,glosses\n1,,A\n", "Line 2 .* no id or path"),
        ("id,path,glosses\n1,picture.png,A\n", "is a picture; give the folder"),
    ],
)
def test_a_table_of_another_form_is_named(text, message, corpus):
    (corpus / "train.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        data.load("table", "train", root=corpus)


def test_names_of_columns_may_have_capitals_and_blanks(corpus):
    write_table(
        corpus / "train.csv", [("1", "clips/one", "A")], ("ID", "Path ", "Glosses")
    )
    assert data.load("table", "train", root=corpus).clips[0].glosses == ("A",)


def test_quotes_are_for_commas_in_csv_and_characters_in_tsv(corpus):
    (corpus / "train.csv").write_text('id,path,glosses\n"1,5",clips/one,"A B"\n')
    train = data.load("table", "train", root=corpus)
    assert (train.clips[0].id, train.clips[0].glosses) == ("1,5", ("A", "B"))
    rows = [("1", "clips/one", '"A'), ("2", "clips/two", 'B"'), ("3", "clips/one", "A")]
    write_table(corpus / "dev.tsv", rows, ("id", "path", "glosses"))
    dev = data.load("table", "dev", root=corpus)
    assert [clip.glosses for clip in dev.clips] == [('"A',), ('B"',), ("A",)]


def test_a_table_in_two_forms_or_not_in_utf_8_is_named(corpus):
    (corpus / "dev.csv").write_text("id,path,glosses\n")
    with pytest.raises(ValueError, match=r"both .*dev\.csv and .*dev\.tsv: remove one"):
        data.load("table", "dev", root=corpus)
    text = "id,path,glosses\n1,clips/one,KÜHL\n"
    (corpus / "train.csv").write_bytes(text.encode("latin1"))
    with pytest.raises(ValueError, match=r"train\.csv is not UTF-8.* iconv"):
        data.load("table", "train", root=corpus)


def test_a_table_that_is_not_there_is_named(corpus):
    with pytest.raises(FileNotFoundError, match=r"neither test\.csv nor test\.tsv"):
        data.load("table", "test", root=corpus)
    with pytest.raises(FileNotFoundError, match="say where the corpus is with --root"):
        data.load("table", "train")


def test_rates_that_cannot_be_are_named(corpus):
    with pytest.raises(ValueError, match="frame_rate must be a number above 0"):
        data.load("table", "train", root=corpus, frame_rate=0)
