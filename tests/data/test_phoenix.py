import itertools
import shutil

import numpy as np
import pytest
from PIL import Image

from dtf_keras import data
from dtf_keras.data.corpora.phoenix import OUTLIERS
from dtf_keras.data.corpora.phoenix_release import FRAMES, MULTISIGNER, SI5, TRANSLATION
from dtf_keras.input_format import InputFormat
from tests.helpers import miniature

RELEASES = {
    "phoenix2014": MULTISIGNER,
    "phoenix2014_si5": SI5,
    "phoenix2014t": TRANSLATION,
}


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    """The root of all three releases; not to be written to."""
    root = tmp_path_factory.mktemp("releases")
    for release in RELEASES.values():
        miniature.write_release(root, release)
    return root


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_released_corpus_loads(name, split, releases, lines):
    corpus = data.load(name, split, root=releases, say=lines.append)
    left_out = split == "train"
    assert len(corpus) == miniature.CLIPS[split] - left_out
    assert (corpus.name, corpus.split) == (name, split)
    assert corpus.input_format == InputFormat(112, 112, 25.0, crop=0.875)
    assert corpus.input_format.read_size == (128, 128)
    assert corpus.vocabulary.glosses == (*sorted(miniature.COLOURS), "<unk>")
    clip = corpus.clips[1]
    assert clip.id == f"01April_2010_Thursday_{split}_default-1"
    assert clip.signer == "Signer02"
    assert (len(clip.glosses), clip.num_frames) == (2, 16)
    frames = corpus.frames(1)
    assert frames.shape == (16, 112, 112, 3)
    for half, gloss in zip((frames[:8], frames[8:]), clip.glosses, strict=True):
        corner = half[:, :8, :8].mean(axis=(0, 1, 2))
        np.testing.assert_allclose(corner, miniature.COLOURS[gloss], atol=12)


def test_frames_of_the_translation_corpus_may_be_one_folder_deeper(tmp_path):
    folder = miniature.write_release(tmp_path, TRANSLATION)
    expected = data.load("phoenix2014t", "dev", root=folder, say=str).frames(0)
    for clip in (folder / FRAMES / "dev").iterdir():
        clip.rename(clip.with_name("moved"))
        clip.mkdir()
        clip.with_name("moved").rename(clip / "1")
    dev = data.load("phoenix2014t", "dev", root=folder, say=str)
    np.testing.assert_array_equal(dev.frames(0), expected)


def test_frames_are_resized_as_the_source_does_and_cropped_at_the_centre(releases):
    corpus = data.load("phoenix2014", "train", root=releases, frame_size=56)
    folder, _ = miniature.pictures(releases.joinpath(*MULTISIGNER.folders), number=3)
    picture = Image.open(sorted(folder.iterdir())[5])
    expected = np.asarray(picture.resize((64, 64), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(corpus.frames(3)[5], expected[4:60, 4:60])
    np.testing.assert_array_equal(corpus.uncropped_frames(3)[5], expected)


def test_size_crop_and_filter_can_be_chosen(releases):
    options = {"frame_size": (48, 36), "crop": 0.75, "resize": "lanczos"}
    corpus = data.load("phoenix2014", "train", root=releases, **options)
    folder, _ = miniature.pictures(releases.joinpath(*MULTISIGNER.folders), number=3)
    picture = Image.open(sorted(folder.iterdir())[5])
    expected = np.asarray(picture.resize((48, 64), Image.Resampling.LANCZOS))
    np.testing.assert_array_equal(corpus.uncropped_frames(3)[5], expected)
    np.testing.assert_array_equal(corpus.frames(3)[5], expected[8:56, 6:42])


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("given_by", ["option", "environment"])
def test_the_root_is_the_release_or_a_folder_around_it(
    depth, given_by, releases, monkeypatch
):
    root = releases.joinpath(*MULTISIGNER.folders[:depth])
    if given_by == "environment":
        monkeypatch.setenv("DTF_KERAS_PHOENIX2014", str(root))
        root = None
    assert len(data.load("phoenix2014", "dev", root=root)) == 4


def test_no_root_says_how_to_give_one(monkeypatch):
    monkeypatch.delenv("DTF_KERAS_PHOENIX2014T", raising=False)
    with pytest.raises(FileNotFoundError, match=r"--root, or .*DTF_KERAS_PHOENIX2014T"):
        data.load("phoenix2014t", "train")


def test_a_wrong_root_says_what_was_looked_for_and_found(release, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no .*nowhere, as root says"):
        data.load("phoenix2014", "train", root=tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError) as caught:
        data.load("phoenix2014_si5", "train", root=tmp_path)
    message = str(caught.value)
    assert "SI5/annotations/manual/train.SI5.corpus.csv" in message
    assert f"{tmp_path} has corpus." in message
    shutil.rmtree(release / FRAMES / "dev")
    with pytest.raises(FileNotFoundError, match=r"no .*dev; .* has test, train"):
        data.load("phoenix2014", "dev", root=release)


def test_a_root_without_the_training_table_says_which_tables_it_has(release):
    (release / "annotations/manual/train.corpus.csv").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"manual has dev\.corpus\.csv, test\.corpus\.csv"
    ):
        data.load("phoenix2014", "dev", root=release)


@pytest.mark.parametrize(("given", "asked"), itertools.permutations(RELEASES, 2))
def test_the_root_of_another_release_is_recognized(given, asked, releases):
    root = releases.joinpath(*RELEASES[given].folders)
    with pytest.raises(
        FileNotFoundError, match=f"is the release of {given}: load {given}"
    ):
        data.load(asked, "dev", root=root)


def test_a_folder_around_another_release_is_recognized(releases):
    root = releases / TRANSLATION.folders[0]
    with pytest.raises(
        FileNotFoundError, match="2014-T is the release of phoenix2014t"
    ):
        data.load("phoenix2014", "dev", root=root)


def test_si5_is_found_by_either_name_of_its_tables(tmp_path):
    release = miniature.write_release(tmp_path, SI5)
    for table in (release / "annotations" / "manual").iterdir():
        table.rename(table.with_name(table.name.replace(".SI5", "")))
    assert len(data.load("phoenix2014_si5", "dev", root=tmp_path)) == 4
    with pytest.raises(FileNotFoundError, match="is the release of phoenix2014_si5"):
        data.load("phoenix2014", "dev", root=release)


def test_the_known_outlier_is_left_out_with_a_line(releases, lines):
    data.load("phoenix2014", "train", root=releases, say=lines.append)
    assert [line for line in lines if OUTLIERS[0] in line and "left out" in line]
    whole = data.load("phoenix2014", "train", root=releases, leave_out=())
    assert whole.clips[-1].id == OUTLIERS[0]


def test_unknown_glosses_are_counted_in_a_line(releases, lines):
    dev = data.load("phoenix2014", "dev", root=releases, say=lines.append)
    assert lines[-1] == (
        "phoenix2014 dev: 1 of 9 glosses are not in the vocabulary and count as <unk>: "
        "SCHNEE"
    )
    assert dev.clips[0].glosses[-1] == "SCHNEE"
    assert dev.vocabulary.encode(dev.clips[0].glosses)[-1] == 5
    data.load("phoenix2014", "test", root=releases, say=lines.append)
    assert len([line for line in lines if "<unk>" in line]) == 1


def test_vocabulary_of_a_list_of_classes_has_the_order_of_their_numbers(
    releases, tmp_path, lines
):
    path = tmp_path / "newtrainingClasses.txt"
    names = ["WIND", "REGEN", "__ON__", "loc-NORD", "SCHNEE", "si"]
    rows = [f"{name} {number}" for number, name in enumerate(names)]
    rows = ["signstate classlabel", *rows[3:], "", *rows[:3]]
    path.write_text("\n".join(rows) + "\n")
    dev = data.load(
        "phoenix2014", "dev", root=releases, vocabulary=str(path), say=lines.append
    )
    assert dev.vocabulary.glosses == (*names, "<unk>")
    assert not [line for line in lines if "<unk>" in line]
    dev.vocabulary.to_file(tmp_path / "glosses.txt")
    again = data.load(
        "phoenix2014", "dev", root=releases, vocabulary=tmp_path / "glosses.txt"
    )
    assert again.vocabulary == dev.vocabulary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("signstate classlabel\nREGEN\n", "Line 2 .* 'REGEN', no gloss with its n"),
        ("signstate classlabel\nREGEN 1.5\n", "Line 2 .* 'REGEN 1.5', no gloss"),
        ("signstate classlabel\nREGEN ²\n", "Line 2 .* 'REGEN ²', no gloss"),
        ("signstate classlabel\nA 0\nB 00\n", "Line 3 .* 'B' the number of 'A', 0"),
        ("REGEN\nREGEN\n", "glosses.txt: .* 'REGEN' twice"),
        ("HOUSE\nTREE\n", "none of the 9 glosses .* that of another corpus"),
    ],
)
def test_a_file_that_is_no_vocabulary_of_this_corpus_is_said(
    text, message, releases, tmp_path
):
    path = tmp_path / "glosses.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        data.load("phoenix2014", "dev", root=releases, vocabulary=path)
    with pytest.raises(FileNotFoundError, match="no vocabulary file"):
        data.load("phoenix2014", "dev", root=releases, vocabulary=tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id|folder|signer\n", "no column 'annotation'; .* id, folder, signer"),
        ("", "first line names nothing"),
        ("id|folder|signer|annotation\n", r"dev\.corpus\.csv has no rows"),
        ("id|folder|signer|annotation\na|a/1/*.png|x\n", "Line 2 .* 3 fields, not"),
        ("id|folder|signer|annotation\na|a/1/*.png|x|A|B\n", "Line 2 .* 5 fields, not"),
    ],
)
def test_annotations_of_another_form_are_named(text, message, release):
    (release / "annotations/manual/dev.corpus.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        data.load("phoenix2014", "dev", root=release)


def test_annotations_and_vocabularies_that_are_not_utf_8_are_named(release, tmp_path):
    glosses = tmp_path / "glosses.txt"
    glosses.write_bytes("KÜHL\n".encode("latin1"))
    with pytest.raises(ValueError, match=r"glosses\.txt is not UTF-8.* iconv"):
        data.load("phoenix2014", "dev", root=release, vocabulary=glosses)
    table = release / "annotations/manual/dev.corpus.csv"
    table.write_bytes(table.read_text().replace("SCHNEE", "KÜHL").encode("latin1"))
    with pytest.raises(ValueError, match=r"dev\.corpus\.csv is not UTF-8.* iconv"):
        data.load("phoenix2014", "dev", root=release)


def test_a_smaller_split_is_the_beginning(releases):
    few = data.load("phoenix2014", "train", root=releases, num_clips=3)
    assert few.clips == data.load("phoenix2014", "train", root=releases).clips[:3]


@pytest.mark.parametrize(
    "options",
    [
        {"frame_size": 4},
        {"num_clips": 0},
        {"on_bad_clip": "ignore"},
        {"crop": 2},
        {"resize": "nearest"},
    ],
)
def test_an_option_that_cannot_be_is_named(options, releases):
    with pytest.raises(ValueError, match=next(iter(options))):
        data.load("phoenix2014", "dev", root=releases, **options)


def test_an_unknown_split_names_the_known_ones(releases):
    with pytest.raises(ValueError, match="no split 'valid'; it has train, dev, test"):
        data.load("phoenix2014", "valid", root=releases)
