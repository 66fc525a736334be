import json
import subprocess

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.packed_file.reading import PackedFileError
from dtf_keras.data.packed_file.shards import INDEX, shard_path
from dtf_keras.data.shard import Shard, shard_numbers
from tests.helpers import miniature
from tests.helpers.packing import assert_same, break_at, flip

SPLITS = ("train", "dev", "test")
COUNT = 3


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return miniature.write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "shards"


def load(root, **options):
    options = {"frame_size": 28, "say": lambda line: None, **options}
    return [data.load("phoenix2014", s, root=root, **options) for s in SPLITS]


def pack_shard(release, folder, number, count=COUNT, say=lambda line: None, **options):
    corpora = load(release, shard=f"{number}/{count}", **options)
    provenance = {"data": "phoenix2014", "command": "python scripts/pack.py"}
    return data.pack(corpora, folder, provenance, say=say).path


@pytest.fixture
def paths(release, folder):
    return [pack_shard(release, folder, number) for number in range(1, COUNT + 1)]


@pytest.fixture
def joined(paths, folder):
    data.join(folder)
    return folder


def again(folder, *numbers, count=COUNT):
    return "\n".join(
        f"python scripts/pack.py --out {folder} --shard {number}/{count}"
        for number in numbers
    )


def cannot_be_joined(folder):
    with pytest.raises(PackedFileError) as error:
        data.join(folder)
    return str(error.value)


@pytest.mark.parametrize("text", ["0/16", "17/16", "a/b", "3", "3/16/2", "1/0", "-1/2"])
def test_a_shard_that_cannot_be_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"K/N.*such as 3/16\. Received: '"):
        shard_numbers(text)


@pytest.mark.parametrize(("total", "count"), [(10, 3), (2, 5), (0, 2), (16, 16)])
def test_the_shards_of_a_split_are_its_clips_in_their_order(total, count):
    parts = [Shard(n, count, "").take(range(total)) for n in range(1, count + 1)]
    assert [one for part in parts for one in part] == list(range(total))
    lengths = sorted(map(len, parts))
    assert lengths[-1] - lengths[0] <= 1


def test_joined_shards_are_the_corpus(release, joined):
    for corpus, again in zip(load(release), load(joined), strict=True):
        assert_same(again, corpus)
        assert_same(data.load("packed", corpus.split, root=joined), corpus)


def test_batches_do_not_depend_on_how_the_clips_lie_in_files(release, joined, tmp_path):
    one = data.pack(load(release), tmp_path / "corpus.h5").path
    for epoch in (0, 3):
        first, second = (
            data.load("packed", "train", root=root).batches(
                2, shuffle=True, seed=5, augmentation=data.Augmentation()
            )
            for root in (one, joined)
        )
        first.epoch = second.epoch = epoch
        for (x, y), (z, w) in zip(first, second, strict=True):
            np.testing.assert_array_equal(y, w)
            for key, value in x.items():
                np.testing.assert_array_equal(value, z[key])


def test_a_shard_leaves_the_files_of_the_others_alone(tmp_path):
    release = miniature.write_release(tmp_path)
    pictures, clip = miniature.pictures(release, "train", 0)
    next(pictures.iterdir()).write_text("damaged")
    (train, *_) = load(release, shard="3/3")
    assert clip not in [one.id for one in train.clips]
    with pytest.raises(ValueError, match=f"train 1/3: Clip {clip}"):
        load(release, shard="1/3")


def test_more_shards_than_clips_are_joined_all_the_same(release, folder):
    for number in range(1, 6):
        pack_shard(release, folder, number, count=5)
    assert data.join(folder).num_shards == 5
    for corpus in load(release):
        assert_same(data.load("packed", corpus.split, root=folder), corpus)


def test_drawn_clips_and_points_are_packed_in_shards(folder):
    whole = data.load("fingerspelling", "dev", num_clips=3, kind="hand_landmarks")
    for number in (1, 2):
        shard = f"{number}/2"
        options = {"num_clips": 3, "kind": "hand_landmarks", "shard": shard}
        data.pack([data.load("fingerspelling", "dev", **options)], folder)
    data.join(folder)
    packed = data.load("packed", "dev", root=folder, kind="hand_landmarks")
    assert packed.clips == whole.clips
    for index in range(3):
        np.testing.assert_array_equal(packed.frames(index), whole.frames(index))
    with pytest.raises(ValueError, match=r"the kind hand_landmarks .* not video"):
        data.load("packed", "dev", root=folder, kind="video")


def test_a_stopped_shard_goes_on_and_a_whole_one_is_left(
    release, folder, lines, monkeypatch
):
    corpora = load(release, shard="2/3")
    break_at(corpora[0], 2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        data.pack(corpora, folder, workers=1)
    assert "not finished: shard-02-of-03.h5" in cannot_be_joined(folder)
    path = pack_shard(release, folder, 2, say=lines.append)
    assert "goes on after 2 clips" in lines[0]
    before = path.stat().st_mtime_ns
    pack_shard(release, folder, 2, say=lines.append)
    assert lines[-1] == f"{path} is there and whole: nothing is to be done."
    assert path.stat().st_mtime_ns == before
    with pytest.raises(FileExistsError, match="a shard of another corpus or of other"):
        pack_shard(release, folder, 2, frame_size=56)


def test_the_checksum_is_one_that_other_programs_check(paths):
    for path in paths:
        subprocess.run(
            ["sha256sum", "-c", f"{path.name}.sha256"], cwd=path.parent, check=True
        )


def test_missing_and_damaged_shards_are_named_with_what_makes_them_again(
    release, folder, paths, lines
):
    paths[0].unlink()
    flip(paths[2], paths[2].stat().st_size // 2)
    told = cannot_be_joined(folder)
    assert told == (
        f"{folder} cannot be joined (missing: {paths[0].name}; damaged: "
        f"{paths[2].name}): make these again by\n{again(folder, 1, 3)}"
    )
    for number in (1, 3):
        pack_shard(release, folder, number, say=lines.append)
    assert f"{paths[2]} is damaged: kept as {paths[2]}.damaged" in lines[0]
    data.join(folder)
    assert_same(data.load("packed", "train", root=folder), load(release)[0])


@pytest.mark.parametrize(
    ("options", "differs"),
    [
        ({"frame_size": 56}, "input format"),
        ({"num_clips": 3}, "clips"),
        ({"resize": "lanczos"}, "input format"),
    ],
)
def test_a_shard_of_other_settings_is_named(options, differs, release, folder, paths):
    paths[1].unlink()
    pack_shard(release, folder, 2, **options)
    told = cannot_be_joined(folder)
    assert f"(to be removed, of another {differs} than most: {paths[1].name})" in told
    assert told.endswith(again(folder, 2))


def test_folders_that_hold_no_packing_are_said(release, folder, paths, tmp_path):
    with pytest.raises(ValueError, match=r"There are no shards in .*--shard first"):
        data.join(tmp_path)
    with pytest.raises(ValueError, match=r"are not joined: .*pack\.py --out .* --join"):
        data.load("phoenix2014", "dev", root=folder)
    pack_shard(release, folder, 1, count=4)
    assert "shards of several packings, into 3 and 4" in cannot_be_joined(folder)
    (tmp_path / "file.h5").write_text("")
    with pytest.raises(
        FileExistsError, match="is a file, and shards are packed into a"
    ):
        pack_shard(release, tmp_path / "file.h5", 1)


def lose(path):
    path.unlink()


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-9])


def damage_tables(path):
    flip(path, 8)


def pack_otherwise(path):
    """As many bytes, other tables."""
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Signer0", b"Singer0"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lose, "The shard {path} is not there."),
        (cut_off, "The shard {path} is not the one that was joined."),
        (damage_tables, "The shard {path} is damaged."),
        (pack_otherwise, "The shard {path} is damaged."),
    ],
)
def test_a_shard_that_changed_after_joining_is_named_with_its_mend(
    change, why, joined, paths
):
    change(paths[1])
    mend = f"Make it again: {again(joined, 2)}, then join again: python "
    with pytest.raises(PackedFileError) as error:
        data.load("packed", "dev", root=joined)
    assert f"{why.format(path=paths[1])} {mend}" in str(error.value)


def test_a_shard_made_again_has_to_be_joined_again(release, joined, paths):
    paths[1].unlink()
    pack_shard(release, joined, 2, leave_out=(load(release)[0].clips[5].id,))
    with pytest.raises(ValueError, match=r"shard-02-of-03.* is not the one that"):
        data.load("packed", "dev", root=joined)


def test_frames_that_change_after_loading_are_named_with_their_shard(joined, paths):
    dev = data.load("packed", "dev", root=joined)
    flip(paths[0], dev._read.clips[0].offset)
    with pytest.raises(data.ClipError, match=rf"{paths[0]} are not .* damaged\. Which"):
        dev.frames(0)
    paths[-1].unlink()
    with pytest.raises(data.ClipError, match=rf"{paths[-1]} is gone\. Which shards"):
        dev.frames(len(dev) - 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(format="other"),
        lambda told: told["shards"].pop(),
        lambda told: told["shards"][0].update(file="../other.h5"),
        lambda told: told["shards"][0].pop("seal"),
        lambda told: told.pop("command"),
        lambda told: told.update(shards="many"),
    ],
)
def test_a_damaged_index_is_said_with_its_mend(change, joined):
    path = joined / INDEX
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    with pytest.raises(ValueError, match=r"shards\.json is damaged \(.*join again: "):
        data.load("packed", "dev", root=joined)


def test_shards_of_a_packed_file_can_be_made(release, folder, tmp_path):
    one = data.pack(load(release), tmp_path / "corpus.h5").path
    for number in (1, 2):
        pack_shard(one, folder, number, count=2)
    assert shard_path(folder, "2/2").is_file()
    data.join(folder)
    assert_same(data.load("packed", "test", root=folder), load(release)[2])


def test_parts_of_splits_that_differ_are_refused(release, folder):
    train, dev, _ = load(release)
    with pytest.raises(ValueError, match="dev is not the same part as train"):
        data.pack([train.part("1/2"), dev.part("2/2")], folder)
