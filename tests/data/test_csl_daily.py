import os
import pickle
import shutil

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.corpora.csl_daily import ANNOTATIONS, FRAMES, LABELS, NOT_RELEASED
from dtf_keras.input_format import InputFormat
from tests.helpers import miniature

TABLE = LABELS / "split_1.txt"
FIRST = "S000102_P0001_T00"  # of training, of those that are there


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A release that is not to be written to."""
    return miniature.write_csl_daily(tmp_path_factory.mktemp("csl"))


@pytest.fixture
def release(tmp_path):
    return miniature.write_csl_daily(tmp_path / "csl")


def load(root, split="train", **options):
    return data.load("csl_daily", split, root=root, **options)


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_release_loads(split, whole, lines):
    corpus = load(whole, split, say=lines.append)
    assert len(corpus) == miniature.CLIPS[split] - (split == "train")
    assert (corpus.name, corpus.split) == ("csl_daily", split)
    assert corpus.input_format == InputFormat(112, 112, 30.0, crop=0.875)
    assert corpus.vocabulary.glosses == (*sorted(miniature.COLOURS), "<unk>")
    clip = corpus.clips[1]
    annotated = {one["name"]: one for one in miniature.read_annotations(whole)}
    assert clip.glosses == tuple(annotated[clip.id]["label_gloss"])
    assert clip.signer == str(annotated[clip.id]["signer"])
    frames = corpus.frames(1)
    assert frames.shape == (16, 112, 112, 3)
    for half, gloss in zip((frames[:8], frames[8:]), clip.glosses, strict=True):
        corner = half[:, :8, :8].mean(axis=(0, 1, 2))
        np.testing.assert_allclose(corner, miniature.COLOURS[gloss], atol=12)


def test_it_says_what_it_is(whole):
    facts = load(whole, "dev").facts
    assert facts == data.facts("csl_daily")
    assert facts.recorded
    assert facts.rules == "phoenix2014"
    assert "release agreement" in facts.licence()


def test_clips_that_are_not_released_or_in_no_split_are_said(whole, lines):
    train = load(whole, say=lines.append)
    assert train.clips[0].id == FIRST
    assert any("left out" in one and NOT_RELEASED[0] in one for one in lines)
    assert any(
        "1 annotated clips are in no split: S000007_P0003_T00" in one for one in lines
    )


@pytest.mark.parametrize("folder", FRAMES)
def test_frames_are_found_under_either_name(folder, tmp_path):
    root = miniature.write_csl_daily(tmp_path, {"train": 2, "dev": 1}, folder)
    assert len(load(root, "dev")) == 1


def test_the_root_may_be_told_by_the_environment(whole, monkeypatch):
    monkeypatch.setenv("DTF_KERAS_CSL_DAILY", str(whole))
    assert len(load(None, "dev")) == 4
    monkeypatch.delenv("DTF_KERAS_CSL_DAILY")
    with pytest.raises(FileNotFoundError, match=r"--root, or .* DTF_KERAS_CSL_DAILY"):
        load(None, "dev")


def test_the_table_of_splits_may_lie_beside_the_labels(release):
    shutil.move(release / TABLE, release / TABLE.name)
    assert len(load(release, "dev")) == 4


@pytest.mark.parametrize("place", [ANNOTATIONS, TABLE, *FRAMES[:1]])
def test_what_is_missing_is_named_with_what_is_there(place, release):
    (release / place).rename(release / "elsewhere")
    with pytest.raises(FileNotFoundError, match=f"no .*{(release / place).name}.* has"):
        load(release)


def test_a_clip_that_is_not_annotated_is_named_or_skipped(release, lines):
    with pytest.raises(
        ValueError, match=f"{NOT_RELEASED[0]}: split_1.txt names it, .*v2.pkl does not"
    ):
        load(release, leave_out=())
    train = load(release, leave_out=(), on_bad_clip="skip", say=lines.append)
    assert len(train) == 11
    assert any("1 of 12 clips are left out" in one for one in lines)


def test_a_clip_without_frames_or_glosses_is_named_or_skipped(release):
    shutil.rmtree(release / FRAMES[0] / FIRST)
    with pytest.raises(ValueError, match=f"{FIRST}: there is no folder"):
        load(release)
    info = miniature.read_annotations(release)
    info[1]["label_gloss"] = []
    miniature.write_annotations(release, info)
    with pytest.raises(ValueError, match="So it is with 1 more clips"):
        load(release)
    assert len(load(release, on_bad_clip="skip")) == 9


def test_a_frame_that_is_missing_is_named(release):
    (release / FRAMES[0] / FIRST / "000005.jpg").unlink()
    with pytest.raises(ValueError, match=f"{FIRST}: frame 5 is missing .* 0 to 15"):
        load(release)


class Harmful:
    def __reduce__(self):
        return os.mkdir, ("executed",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"info": Harmful()}, r"holds \w+\.mkdir, where .* nothing in it was executed"),
        ({"info": [{"name": Harmful()}]}, r"holds \w+\.mkdir"),
        ({"info": [{"name": {1}}]}, "holds set, where"),
        ({"infos": []}, "has no list 'info'"),
        ([], "has no list 'info'"),
        ({"info": [{"name": "a", "signer": 1}]}, "Clip 0 .* has no .*'label_gloss'"),
        ({"info": [{"name": "a", "label_gloss": [1], "signer": 1}]}, "Clip 0 .* has"),
        ({"info": ["a"]}, "Clip 0 of 'info' .* has no name, signer"),
    ],
)
def test_a_pickle_is_read_without_executing_it(content, message, release, monkeypatch):
    monkeypatch.chdir(release)
    (release / ANNOTATIONS).write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=message) as caught:
        load(release)
    assert "csl2020ct_v2.pkl" in str(caught.value)
    assert not (release / "executed").exists()


@pytest.mark.parametrize("keep", [0, 1, 40, -3])
def test_a_pickle_that_is_cut_off_is_named(keep, release):
    path = release / ANNOTATIONS
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"v2\.pkl: The file is no pickle .* cut off"):
        load(release)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nS000102_P0001_T00\n", "no column 'split'"),
        (f"name|split\n{FIRST}|val\n", "Line 2 .* the split 'val'; there are train"),
        (f"name|split\n{FIRST}|train\n{FIRST}|train\n", f"Two clips are named {FIRST}"),
    ],
)
def test_a_table_of_another_form_is_named(text, message, release):
    (release / TABLE).write_text(text)
    with pytest.raises(ValueError, match=message):
        load(release)


def test_it_is_packed_and_read_by_its_own_name(whole, tmp_path):
    splits = [load(whole, split, frame_size=28) for split in ("train", "dev", "test")]
    path = data.pack(splits, tmp_path / "csl.h5").path
    for corpus in splits:
        again = load(path, corpus.split, frame_size=28)
        assert again.clips == corpus.clips
        assert again.input_format == corpus.input_format
        np.testing.assert_array_equal(again.frames(1), corpus.frames(1))
    with pytest.raises(ValueError, match="no split 'valid'"):
        load(path, "valid")
