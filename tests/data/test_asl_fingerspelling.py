import functools
import importlib.util
import json

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.footage import landmark_table
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import HandLandmarks, in_palm_lengths
from tests.helpers import spelled_phrases
from tests.helpers.spelled_phrases import HEIGHT, PEOPLE, WIDTH, hands, write_table

SPLITS = ("train", "dev", "test")


def load(split, root=None, **options):
    return data.load("asl_fingerspelling", split, root=root, **options)


points = functools.partial(load, kind="hand_landmarks")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return spelled_phrases.write_release(
        tmp_path_factory.mktemp("asl"), {"train": 4, "dev": 3, "test": 3}
    )


@pytest.fixture
def one_table(tmp_path):
    """Function that writes a release of one table: its sequences and its rows."""
    person = PEOPLE["train"][0]

    def write(sequences, rows, **options):
        root = tmp_path / "one"
        table = root / "train_landmarks" / "7.parquet"
        write_table(table, sequences, hands_alone=True, **options)
        rows = [
            ("train_landmarks/7.parquet", 7, one, person, text) for one, text in rows
        ]
        spelled_phrases.write_rows(root / "train.csv", rows)
        characters = {one: n for n, one in enumerate(spelled_phrases.CHARACTERS)}
        path = root / "character_to_prediction_index.json"
        path.write_text(json.dumps(characters))
        return root

    return write


def test_phrases_load_as_characters(release):
    rows = spelled_phrases.read_rows(release / "train.csv")
    phrases = {row[2]: row[4] for row in rows}
    found = {clip.id: clip for split in SPLITS for clip in points(split, release).clips}
    assert found.keys() == phrases.keys()
    for clip in found.values():
        assert "".join(clip.glosses).replace("␣", " ") == phrases[clip.id]
        assert clip.num_frames == 10 * len(clip.glosses)
    train = points("train", release)
    assert train.vocabulary.glosses == ("␣", *spelled_phrases.CHARACTERS[1:])
    assert train.vocabulary.num_classes == 60
    assert train.input_format == InputFormat(kind="hand_landmarks")
    assert train.frames(0).shape == (train.clips[0].num_frames, 21, 2)
    assert train.facts.rules == "characters"
    assert "CC BY 4.0" in train.facts.licence()


def test_nobody_is_in_two_splits(release):
    people = [
        {clip.signer for clip in points(split, release).clips} for split in SPLITS
    ]
    assert len(set.union(*people)) == sum(map(len, people)) > 3


def test_the_hand_that_signs_is_read_as_a_right_one(release):
    train = points("train", release)
    for index, clip in enumerate(train.clips):
        seen = hands("".join(clip.glosses).replace("␣", " "))["right_hand"]
        right = HandLandmarks(seen * (WIDTH, HEIGHT), frame_rate=30)
        np.testing.assert_allclose(
            train.frames(index), in_palm_lengths(right.at_rate(25), 25), atol=1e-4
        )
        assert np.isnan(train.frames(index)[-1]).all()
    assert {int(clip.signer) % 2 for clip in train.clips} == {0, 1}


def test_rate_and_shape_of_the_pictures_may_be_told(release):
    fast = points("train", release, frame_rate=50)
    assert fast.clips[0].num_frames == 2 * points("train", release).clips[0].num_frames
    square = points("train", release, picture_size=(1, 1)).frames(0)
    upright = points("train", release).frames(0)
    wide = np.ptp(square[:20, :, 0]) / np.ptp(square[:20, :, 1])
    assert wide > 1.2 * np.ptp(upright[:20, :, 0]) / np.ptp(upright[:20, :, 1])


def test_hands_load_as_drawings(release):
    dev = load("dev", release, frame_size=24)
    assert dev.input_format == InputFormat(24, 24, kind="drawn_hand")
    assert dev.frames(0).shape == (dev.clips[0].num_frames, 24, 24, 3)
    assert dev.frames(0).std() > 5


def test_a_table_is_read_once(release, monkeypatch):
    before = points("train", release).frames(1)
    monkeypatch.setattr(landmark_table.LandmarkTable, "_batches", None)
    np.testing.assert_array_equal(points("train", release).frames(1), before)


def test_sentences_of_the_supplement_are_for_training_alone(one_table):
    root = one_table({1: hands("ab"), 2: hands("b a"), 3: hands("@")}, [(1, "ab")])
    path = "train_landmarks/7.parquet"
    people = PEOPLE["train"][1], PEOPLE["dev"][0]
    rows = [(path, 7, n, who, "b a") for n, who in zip((2, 3), people, strict=True)]
    spelled_phrases.write_rows(root / "supplemental_metadata.csv", rows)
    assert [clip.id for clip in points("train", root).clips] == ["1"]
    more = points("train", root, supplemental=True)
    assert [clip.id for clip in more.clips] == ["1", "2"]


@pytest.mark.parametrize(
    ("clip", "phrase", "message"),
    [
        (9, "ab", r"Clip 9: .*7\.parquet has no sequence 9\."),
        (2, "ab", "Clip 2: the sequence 2 of .* show a hand in no frame"),
        (3, "ab", "Clip 3: .* has the sequence 3 in 2 places: sort it by"),
        (4, "aé", "The gloss 'é' of clip 4 is not in the vocabulary of 59"),
        (4, "", "Clip 4 has no glosses"),
    ],
)
def test_a_bad_clip_is_named_or_skipped(clip, phrase, message, one_table):
    dark = {name: np.full_like(seen, np.nan) for name, seen in hands("ab").items()}
    pieces = [(1, hands("ab")), (3, hands("a")), (2, dark), (3, hands("b"))]
    root = one_table([*pieces, (4, hands("ab"))], [(1, "ab"), (clip, phrase)])
    with pytest.raises(ValueError, match=message):
        points("train", root)
    assert [one.id for one in points("train", root, on_bad_clip="skip").clips] == ["1"]


def test_what_is_no_table_of_landmarks_is_named(one_table):
    root = one_table({1: hands("ab")}, [(1, "ab")], without=["x_left_hand_3"])
    table = root / "train_landmarks" / "7.parquet"
    with pytest.raises(ValueError, match=r"7\.parquet has no column x_left_hand_3"):
        points("train", root)
    table.write_bytes(table.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"7\.parquet is no parquet table, or a dam"):
        points("train", root)
    table.unlink()
    with pytest.raises(ValueError, match=r"Clip 1: there is no file .*7\.parquet"):
        points("train", root)


def test_a_release_that_is_not_whole_is_named(one_table, tmp_path, monkeypatch):
    root = one_table({1: hands("ab")}, [("one", "ab")])
    with pytest.raises(ValueError, match="'one' is no sequence_id"):
        points("train", root)
    with pytest.raises(ValueError, match="has no split 'all'; it has train, dev"):
        points("all", root)
    characters = root / "character_to_prediction_index.json"
    characters.write_text('["a", "b"]')
    spelled_phrases.write_rows(root / "train.csv", [])
    with pytest.raises(ValueError, match=r"train\.csv has no rows"):
        points("train", root)
    row = ("train_landmarks/7.parquet", 7, 1, PEOPLE["train"][0], "ab")
    spelled_phrases.write_rows(root / "train.csv", [row])
    with pytest.raises(ValueError, match=r"index\.json does not number characters"):
        points("train", root)
    characters.unlink()
    with pytest.raises(FileNotFoundError, match=r"no .*index\.json; .* has train\.csv"):
        points("train", root)
    with pytest.raises(FileNotFoundError, match="DTF_KERAS_ASL_FINGERSPELLING"):
        points("train")
    monkeypatch.setenv("DTF_KERAS_ASL_FINGERSPELLING", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"there is no .*train\.csv"):
        points("train")


def test_without_pyarrow_the_extra_is_named(release, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ModuleNotFoundError, match=r'pip install "dtf_keras\[parquet\]"'
    ):
        points("train", release)


def test_a_cache_that_cannot_be_written_is_one_line(release, tmp_path, capsys):
    with_cache = points("train", release, cache_dir=tmp_path / "cache")
    (tmp_path / "file").write_text("")
    without = points("train", release, cache_dir=tmp_path / "file")
    assert capsys.readouterr().out.count("cannot be kept in") == 1
    np.testing.assert_array_equal(without.frames(0), with_cache.frames(0))


def test_a_damaged_cache_is_made_anew(release, tmp_path):
    seen = points("train", release, cache_dir=tmp_path / "cache")
    for kept in (tmp_path / "cache" / "landmark_tables").glob("*.h5"):
        kept.write_bytes(kept.read_bytes()[:100])
    again = points("train", release, cache_dir=tmp_path / "cache")
    with pytest.warns(UserWarning, match=r"damaged: kept as .*\.damaged and made anew"):
        np.testing.assert_array_equal(again.frames(0), seen.frames(0))
