import json

import h5py
import pytest

from dtf_keras import commands, data
from dtf_keras.commands.pack import main
from dtf_keras.input_format import InputFormat
from tests.helpers import miniature


@pytest.fixture(autouse=True)
def cache_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("DTF_KERAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def release(tmp_path):
    return miniature.write_release(tmp_path / "corpus")


def test_a_release_is_packed_and_it_says_how_to_train_on_it(release, tmp_path, capsys):
    out = tmp_path / "corpus.h5"
    argv = ["--root", str(release.parent), "--out", str(out), "--frame-size", "28"]
    assert main(argv) == 0
    text = capsys.readouterr().out
    assert f"fit.py --data phoenix2014 --root {out} --frame-size 28" in text
    assert "frames packed just now" in text
    assert "count as <unk>: SCHNEE" in text
    assert len(data.load("phoenix2014", "train", root=out, frame_size=28)) == 11
    assert len(data.load("packed", "test", root=out)) == 4


def test_size_crop_and_filter_are_flags(release, tmp_path, capsys):
    out = tmp_path / "corpus.h5"
    argv = ["--root", str(release), "--out", str(out), "--splits", "dev"]
    sizes = ["--frame-size", "28", "42", "--crop", "0.7", "--resize", "lanczos"]
    assert main([*argv, *sizes]) == 0
    assert f"--root {out} --frame-size 28 42\n" in capsys.readouterr().out
    dev = data.load("packed", "dev", root=out)
    assert dev.input_format == InputFormat(28, 42, 25.0, 0.7, "lanczos")


def test_one_file_serves_networks_of_224_and_of_112_pixels(release, tmp_path, capsys):
    out = tmp_path / "corpus.h5"
    argv = ["--root", str(release), "--out", str(out), "--splits", "dev"]
    assert main([*argv, "--size", "256"]) == 0
    text = capsys.readouterr().out
    assert "196,608 bytes a frame; 72 frames packed just now" in text
    assert f"--root {out} --frame-size 224\n" in text
    dev = data.load("phoenix2014", "dev", root=out, frame_size=224, resize="lanczos")
    assert dev.input_format == InputFormat(224, 224, 25.0, 0.875, "lanczos")
    small = data.load("phoenix2014", "dev", root=out)
    assert small.input_format == InputFormat(112, 112, 25.0, 0.875)
    assert small.frames(0).shape[1:] == (112, 112, 3)


def test_the_size_that_is_kept_goes_with_filter_and_crop(release, tmp_path):
    out = tmp_path / "corpus.h5"
    argv = ["--root", str(release), "--out", str(out), "--splits", "dev"]
    flags = ["--size", "40", "60", "--crop", "0.7", "--resize", "bilinear"]
    assert main([*argv, *flags]) == 0
    dev = data.load("packed", "dev", root=out)
    assert dev.input_format == InputFormat(28, 42, 25.0, 0.7)


def test_the_root_is_kept_as_an_absolute_path(release, tmp_path, monkeypatch):
    monkeypatch.chdir(release.parent)
    argv = ["--root", release.name, "--out", "corpus.h5", "--frame-size", "28"]
    assert main([*argv, "--splits", "dev"]) == 0
    with h5py.File("corpus.h5") as file:
        provenance = json.loads(file.attrs["provenance"])
    assert provenance["root"] == str(release.resolve())


def test_few_clips_of_some_splits_can_be_packed(tmp_path):
    out = tmp_path / "corpus.h5"
    argv = ["--data", "fingerspelling", "--frame-size", "32", "--num-clips", "2"]
    assert main([*argv, "--splits", "dev", "test", "--out", str(out)]) == 0
    assert len(data.load("packed", "dev", root=out)) == 2
    with pytest.raises(ValueError, match="no split 'train'"):
        data.load("packed", "train", root=out)


def test_bad_clips_stop_it_or_are_skipped(release, tmp_path, capsys):
    folder = next((release / "features/fullFrame-210x260px/train").iterdir()) / "1"
    for path in folder.iterdir():
        path.write_bytes(b"")
    argv = ["--root", str(release), "--out", str(tmp_path / "corpus.h5")]
    argv += ["--frame-size", "28", "--data-options", '{"leave_out": []}']
    assert main(argv) == 1
    error = capsys.readouterr().err
    assert f"Clip {folder.parent.name}" in error
    assert "--on-bad-clip skip" in error
    assert main([*argv, "--on-bad-clip", "skip"]) == 0
    assert len(data.load("packed", "train", root=tmp_path / "corpus.h5")) == 11


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--root", "nowhere"], "there is no nowhere"),
        (["--data", "phoenix"], "There is no corpus 'phoenix'"),
        (["--data", "table"], "--root"),
        (["--splits", "dev", "dev"], "The split 'dev' is named twice"),
        (["--size", "256", "--frame-size", "224"], "say the same: give one of them"),
        (["--size", "100"], "--size 100: crops of 0.875 of it are no whole pixels"),
        (["--workers", "0"], "workers must be a whole number from 1"),
        (
            ["--root", "x", "--data", "fingerspelling"],
            "no option of fingerspelling 'root'",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(argv, message, tmp_path, capsys):
    assert main([*argv, "--out", str(tmp_path / "corpus.h5")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert "Traceback" not in error


def test_a_file_that_exists_is_refused_before_anything_is_read(tmp_path, capsys):
    out = tmp_path / "corpus.h5"
    out.write_text("")
    assert main(["--root", "nowhere", "--out", str(out)]) == 1
    assert "corpus.h5 exists" in capsys.readouterr().err


def test_an_interruption_says_how_to_go_on(release, tmp_path, monkeypatch, capsys):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "pack", interrupt)
    argv = ["--root", str(release), "--out", str(tmp_path / "corpus.h5")]
    assert main(argv) == 130
    assert "same command goes on" in capsys.readouterr().err


def test_it_is_a_sub_command():
    assert "pack" in commands.COMMANDS
    with pytest.raises(SystemExit) as caught:
        commands.main(["pack", "--help"])
    assert caught.value.code == 0


def test_shards_are_packed_and_joined(release, tmp_path, capsys):
    out = tmp_path / "shards"
    argv = ["--root", str(release), "--out", str(out), "--frame-size", "28"]
    assert main([*argv, "--shard", "1/2"]) == 0
    join = ["--join", "--out", str(out)]
    assert f"python scripts/pack.py --join --out {out}\n" in capsys.readouterr().out
    assert main(join) == 1
    told = capsys.readouterr().err
    assert "cannot be joined (missing: shard-02-of-02.h5): make these again by" in told
    command = told.splitlines()[-1]
    assert command == (
        f"python scripts/pack.py --root {release} --frame-size 28 --out {out} "
        "--shard 2/2"
    )
    assert main(command.split()[2:]) == 0
    assert main(join) == 0
    told = capsys.readouterr().out
    assert f"{out} is one corpus: 2 shards, 0.00 GB.\n" in told
    assert f"fit.py --data phoenix2014 --root {out} --frame-size 28\n" in told
    assert len(data.load("phoenix2014", "train", root=out, frame_size=28)) == 11


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--shard", "0/16"], "shard must be K/N"),
        (["--shard", "17/16"], "shard must be K/N"),
        (["--shard", "a/b"], "shard must be K/N"),
        (["--join", "--shard", "1/2"], "takes no --shard"),
        (["--join", "--data-options", '{"version": 1}'], "takes no --data-options"),
        (["--join"], "There are no shards in"),
        (["--data-options", '{"shard": "1/2"}'], "here: give --shard"),
    ],
)
def test_what_cannot_be_is_one_sentence(flags, why, tmp_path, capsys):
    argv = ["--data", "fingerspelling"] if "--join" not in flags else []
    assert main([*argv, "--out", str(tmp_path / "shards"), *flags]) == 1
    told = capsys.readouterr().err
    assert why in told
    assert len(told.splitlines()) == 1


def test_points_are_packed(tmp_path, capsys):
    out = tmp_path / "points.h5"
    options = '{"kind": "hand_landmarks"}'
    argv = ["--data", "fingerspelling", "--num-clips", "2", "--splits", "dev"]
    assert main([*argv, "--data-options", options, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "168 bytes a frame" in told
    options = """--options '{"input": "landmarks"}'"""
    assert f"fit.py --data packed --root {out} {options}\n" in told
    assert len(data.load("packed", "dev", root=out, kind="hand_landmarks")) == 2
