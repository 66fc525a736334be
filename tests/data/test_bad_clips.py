import shutil
import struct
import zlib

import pytest

from dtf_keras import data
from dtf_keras.data.corpora.phoenix_release import FRAMES, SI5, TRANSLATION
from dtf_keras.data.footage.frame_folder import FrameFolder
from tests.helpers import miniature


def remove(folder):
    shutil.rmtree(folder)


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


def cut_off(folder):
    path = sorted(folder.iterdir())[3]
    path.write_bytes(path.read_bytes()[:60])


def turn_a_bit(folder):
    path = sorted(folder.iterdir())[3]
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)


def empty_a_file(folder):
    sorted(folder.iterdir())[3].write_bytes(b"")


def write_a_text(folder):
    sorted(folder.iterdir())[3].write_text("not a picture")


def claim_many_pixels(folder):
    """A picture whose head says that it has 100,000 x 100,000 pixels."""
    path = sorted(folder.iterdir())[3]
    content = path.read_bytes()
    head = b"IHDR" + struct.pack(">II", 100_000, 100_000) + content[24:29]
    head += struct.pack(">I", zlib.crc32(head))
    path.write_bytes(content[:12] + head + content[33:])


def remove_two(folder):
    for path in sorted(folder.iterdir())[3:5]:
        path.unlink()


def keep_seven(folder):
    for path in sorted(folder.iterdir())[7:]:
        path.unlink()


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (remove, "there is no folder"),
        (empty, "has no pictures"),
        (cut_off, r"fn000003-0\.png cannot be read"),
        (turn_a_bit, r"fn000003-0\.png cannot be read"),
        (empty_a_file, r"fn000003-0\.png cannot be read"),
        (write_a_text, r"fn000003-0\.png cannot be read"),
        (claim_many_pixels, r"fn000003-0\.png cannot be read"),
        (remove_two, "frame 3 is missing in .*, which has 0 to 15"),
    ],
)
def test_a_bad_clip_is_named_before_training_or_skipped_with_a_line(
    damage, why, release, lines
):
    folder, clip = miniature.pictures(release)
    damage(folder)
    with pytest.raises(ValueError, match=f"Clip {clip}.*{why}.*--on-bad-clip skip"):
        data.load("phoenix2014", "train", root=release)
    corpus = data.load(
        "phoenix2014", "train", root=release, on_bad_clip="skip", say=lines.append
    )
    assert clip not in [clip.id for clip in corpus.clips]
    assert len(corpus) == 10
    assert any(f"1 of 11 clips are left out: {clip}" in line for line in lines)


def test_a_clip_too_short_for_a_model_is_named_or_skipped(release, time_axis, lines):
    folder, clip = miniature.pictures(release)
    keep_seven(folder)
    train = data.load("phoenix2014", "train", root=release)
    why = f"{clip} of 7 frames gives 1 output steps, .* 2 glosses need 2"
    with pytest.raises(ValueError, match=f"phoenix2014 train: Clip {why}.*-bad-clip s"):
        train.for_model(time_axis)
    fitting = train.for_model(time_axis, on_bad_clip="skip", say=lines.append)
    assert clip not in [clip.id for clip in fitting.clips]
    assert (len(train), len(fitting)) == (11, 10)
    assert any(f"1 of 11 clips are left out: {clip}" in line for line in lines)


def test_clips_that_are_only_scored_need_one_output_step(release, tmp_path, time_axis):
    folder, clip = miniature.pictures(release, "dev", 0)
    keep_seven(folder)
    dev = data.load("phoenix2014", "dev", root=release, frame_size=28)
    assert (dev.clips[0].id, dev.clips[0].num_frames) == (clip, 7)
    assert dev.for_model(time_axis) is dev
    batches = dev.batches(4, augmentation=data.Augmentation())
    assert max(x["num_frames"].max() for x, _ in batches) == 15
    path = data.pack([dev], tmp_path / "dev.h5").path
    assert data.load("packed", "dev", root=path).clips == dev.clips
    for picture in sorted(folder.iterdir())[3:]:
        picture.unlink()
    dev = data.load("phoenix2014", "dev", root=release)
    with pytest.raises(ValueError, match=f"{clip} of 3 frames gives 0 output steps"):
        dev.for_model(time_axis)


def test_a_clip_without_glosses_is_a_bad_clip(release):
    table = release / "annotations/manual/train.corpus.csv"
    rows = table.read_text().splitlines()
    rows[1] = rows[1].rpartition("|")[0] + "|  "
    table.write_text("\n".join(rows))
    with pytest.raises(ValueError, match=r"00April.* has no glosses"):
        data.load("phoenix2014", "train", root=release)
    assert (
        len(data.load("phoenix2014", "train", root=release, on_bad_clip="skip")) == 10
    )


def test_many_bad_clips_are_counted(release, lines):
    shutil.rmtree(release / FRAMES / "test")
    (release / FRAMES / "test").mkdir()
    with pytest.raises(ValueError, match="with 3 more clips"):
        data.load("phoenix2014", "test", root=release)
    with pytest.raises(ValueError, match="The split 'test' has no clips"):
        data.load("phoenix2014", "test", root=release, on_bad_clip="skip")


def test_files_are_checked_once_and_again_when_they_change(release, lines):
    def load():
        lines.clear()
        data.load("phoenix2014", "dev", root=release, say=lines.append)
        return [line for line in lines if "reading the files" in line]

    assert len(load()) == 1
    assert load() == []
    folder, _ = miniature.pictures(release, "dev")
    last = sorted(folder.iterdir())[-1]
    last.rename(last.with_name("fn000015-0.png"))
    assert "of 1 clips" in load()[0]


def test_no_file_is_looked_at_again_while_folders_stay_as_they_are(
    release, monkeypatch
):
    """A start costs the time of a folder a clip; what changed inside is named later."""
    data.load("phoenix2014", "dev", root=release)
    folder, clip = miniature.pictures(release, "dev", 0)
    cut_off(folder)
    with monkeypatch.context() as patch:
        patch.setattr(FrameFolder, "names", None)
        patch.setattr(FrameFolder, "_entries", None)
        dev = data.load("phoenix2014", "dev", root=release)
    with pytest.raises(data.ClipError, match=rf"Clip {clip}: .*fn000003-0\.png cannot"):
        dev.frames(0)


@pytest.mark.parametrize(
    ("release", "picture"), [(SI5, "*fn000005-0.png"), (TRANSLATION, "images0005.png")]
)
def test_a_frame_that_is_missing_is_named_in_every_release(release, picture, tmp_path):
    folder = miniature.write_release(tmp_path, release)
    clip = "02April_2010_Thursday_test_default-2"
    next((folder / FRAMES / "test" / clip).rglob(picture)).unlink()
    with pytest.raises(ValueError, match=f"{clip}: frame 5 is missing"):
        data.load(release.name, "test", root=tmp_path)


def test_frames_lost_after_loading_are_named_with_their_clip(release):
    corpus = data.load("phoenix2014", "dev", root=release)
    folder, clip = miniature.pictures(release, "dev", 1)
    cut_off(folder)
    with pytest.raises(data.ClipError, match=rf"Clip {clip}: .*fn000003-0\.png"):
        corpus.frames(1)
