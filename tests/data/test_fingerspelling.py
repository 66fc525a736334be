import hashlib
import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.corpora.fingerspelling import frames, motion, recordings, words
from dtf_keras.input_format import InputFormat
from dtf_keras.values import size_2d

LETTERS, LANGUAGES = recordings.LETTERS, recordings.LANGUAGES


def spell(word, language="ase", frames=12, index=0):
    spelling = words.Spelling("clip", word, language, (frames,) * len(word))
    return motion.compose(spelling, words.generator("test", 0, index))


@pytest.fixture(scope="module")
def splits():
    name = "fingerspelling"
    return {
        s: words.draw_spellings(f"{name}/{s}", s, LETTERS, LANGUAGES, 400, 0)
        for s in words.SPLITS
    }


def test_defaults_are_those_of_the_card():
    train = data.load("fingerspelling", "train")
    assert [len(data.load("fingerspelling", s)) for s in ("dev", "test")] == [200, 400]
    assert train.vocabulary.glosses == tuple(LETTERS)
    assert train.vocabulary.num_classes == 27
    assert 130_000 < train.num_frames < 160_000
    assert {clip.signer for clip in train.clips} == set(LANGUAGES)
    assert train.input_format == InputFormat(32, 32, kind="drawn_hand")
    assert (len(train), train.version) == (1200, "2")


def test_version_1_is_as_it_was():
    train = data.load("fingerspelling", "train", version=1)
    assert (len(train), train.version) == (1200, "1")
    assert 70_000 < train.num_frames < 90_000
    few = data.load("fingerspelling", "train", version="1", num_clips=2)
    digest = hashlib.sha256(few.frames(0).tobytes() + few.frames(1).tobytes())
    assert digest.hexdigest()[:16] == "c2c970af4da9fef8"


def test_no_word_is_in_two_splits(splits):
    spelt = {split: {s.word for s in drawn} for split, drawn in splits.items()}
    other_seed = words.draw_spellings("x", "train", LETTERS, LANGUAGES, 400, 9)
    spelt["train"] |= {s.word for s in other_seed}
    assert not spelt["train"] & spelt["dev"]
    assert not spelt["train"] & spelt["test"]
    assert not spelt["dev"] & spelt["test"]


def test_tempo_and_length_are_natural(splits):
    for drawn in splits.values():
        lengths = {len(s.word) for s in drawn}
        tempo = [n for s in drawn for n in s.letter_frames]
        pairs = [
            a == b for s in drawn for a, b in zip(s.word, s.word[1:], strict=False)
        ]
        assert lengths == set(range(2, 9))
        assert min(tempo) >= 8
        assert max(tempo) <= 18
        assert 12.5 < np.mean(tempo) < 13.5
        assert 0.02 < np.mean(pairs) < 0.06  # 1 in 26


def test_signer_independent_splits_share_no_language():
    signers, letters = {}, set()
    for split in words.SPLITS:
        corpus = data.load("fingerspelling_si", split)
        signers[split] = {clip.signer for clip in corpus.clips}
        letters |= {gloss for clip in corpus.clips for gloss in clip.glosses}
    assert signers["train"] == {"ase", "ise", "sgg", "mfs", "bzs"}
    assert (signers["dev"], signers["test"]) == ({"asq"}, {"gsg"})
    assert "".join(sorted(letters)) == "ABCDEGHILOPRSUVWYZ"


def test_a_smaller_split_is_the_beginning_of_the_larger():
    few = data.load("fingerspelling", "train", num_clips=5)
    more = data.load("fingerspelling", "train", num_clips=20)
    assert few.clips == more.clips[:5]
    np.testing.assert_array_equal(few.frames(3), more.frames(3))


def test_seed_changes_train_but_neither_dev_nor_test():
    for split, same in (("train", False), ("dev", True), ("test", True)):
        one, two = (
            data.load("fingerspelling", split, seed=seed, num_clips=5)
            for seed in (0, 1)
        )
        assert (one.clips == two.clips) == same


@pytest.mark.parametrize("size", [20, 32, 64, (48, 30)])
def test_frames_are_what_the_clip_says(size):
    corpus = data.load("fingerspelling", "dev", frame_size=size, num_clips=4)
    for index, clip in enumerate(corpus.clips):
        drawn = corpus.frames(index)
        assert drawn.shape == (clip.num_frames, *size_2d("size", size), 3)
        assert drawn.dtype == np.uint8
        assert drawn.std() > 10


def test_rendering_is_paid_once(monkeypatch):
    first = data.load("fingerspelling", "dev", num_clips=4)
    drawn = [first.frames(index).copy() for index in range(4)]
    monkeypatch.setattr(frames, "render", None)
    again = data.load("fingerspelling", "dev", num_clips=4)
    for index in range(4):
        np.testing.assert_array_equal(again.frames(index), drawn[index])


def test_a_fresh_process_draws_the_same_pixels():
    code = (
        "import hashlib; from dtf_keras import data; "
        "c = data.load('fingerspelling', 'train', num_clips=3); "
        "print(hashlib.sha256(b''.join(c.read(i).tobytes() for i in range(3)))"
        ".hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    corpus = data.load("fingerspelling", "train", num_clips=3)
    here = hashlib.sha256(b"".join(corpus.read(i).tobytes() for i in range(3)))
    assert {run.stdout.strip() for run in runs} == {here.hexdigest()}


def test_clips_are_those_of_version_1(splits):
    plans = "\n".join(f"{s.id} {s.letter_frames}" for d in splits.values() for s in d)
    assert hashlib.sha256(plans.encode()).hexdigest()[:16] == "1b0afa499811fa48"
    digest = hashlib.sha256()
    for index, spelling in enumerate(splits["test"][:12]):
        rng = words.generator("fingerspelling/test/motion", 0, index)
        moved = motion.compose(spelling, rng)
        digest.update(np.round(moved.points * 100).astype("<i4").tobytes())
    assert digest.hexdigest()[:16] == "3c92374a61effbc8"


def test_recordings_are_right_handed_and_cut_to_the_sign():
    tracks = recordings.load_recordings()
    assert len(tracks) == 26 * 7
    lengths = [len(track) for track in tracks.values()]
    assert min(lengths) >= 8
    assert 15 <= np.median(lengths) <= 23
    for (language, letter), track in tracks.items():
        assert np.isfinite(track).all()
        # The signing hand is on the image's left of the far shoulder.
        assert track[:, 0, 0].mean() < track[:, recordings.FAR_SHOULDER, 0].mean()
        near, far = recordings.NEAR_SHOULDER, recordings.FAR_SHOULDER
        assert (track[:, near, 0] < track[:, far, 0]).all(), (language, letter)


@pytest.mark.parametrize("letter", "JZ")
@pytest.mark.parametrize("language", LANGUAGES)
def test_strokes_keep_their_movement(language, letter):
    path = spell(letter, language).points[:, recordings.HAND].mean(axis=1)
    still = spell("A", language).points[:, recordings.HAND].mean(axis=1)
    assert np.ptp(path, axis=0).max() > 0.15
    assert np.ptp(path, axis=0).max() > 2 * np.ptp(still, axis=0).max()


def test_hand_is_in_the_frame_and_large():
    inside, heights = [], []
    for index, language in enumerate(LANGUAGES * 4):
        points = spell("BLACKQ", language, index=index).points[:, recordings.HAND]
        inside.append(((points > 0) & (points < 1)).all(axis=-1).mean())
        heights.append(np.ptp(points[:12, :, 1], axis=1).mean())  # of the open hand B
    assert np.mean(inside) > 0.99
    assert np.mean(heights) > 0.45


def test_hand_travels_without_jumps():
    steps = []
    for index in range(20):
        centre = spell("KPQAL", "gsg", index=index).points[:, recordings.HAND].mean(1)
        steps.append(np.hypot(*np.diff(centre, axis=0).T).max())
    assert max(steps) < 0.35  # sides of the frame in 1/25 s


def test_a_repeated_letter_moves_where_one_is_held():
    def drift(word, frames):
        centre = spell(word, frames=frames).points[:, recordings.HAND].mean(axis=1)
        return np.hypot(*(centre[2:6].mean(axis=0) - centre[-6:-2].mean(axis=0)))

    assert drift("VV", 12) > 0.08 > drift("V", 18)


def test_letters_look_different_and_colours_tell_fingers_apart():
    look = frames.draw_look(words.generator("look", 0, 0))
    assert len(set(look.fingers)) == 5
    pictures = [frames.render(spell(c), look, (32, 32))[8].astype(int) for c in "ALVY"]
    for first in range(4):
        for second in range(first):
            assert np.abs(pictures[first] - pictures[second]).mean() > 3


def test_a_picture_that_is_not_square_is_the_square_stretched():
    look = frames.draw_look(words.generator("look", 0, 0))
    motion = spell("V")
    square = frames.render(motion, look, (96, 96))[8]
    wide = frames.render(motion, look, (48, 96))[8]
    halved = square.reshape(48, 2, 96, 3).mean(axis=1)
    assert np.abs(wide - halved).mean() < 6
    assert np.abs(wide[:, ::-1] - halved).mean() > 12


def test_edges_are_smooth():
    look = frames.draw_look(words.generator("look", 0, 0))
    picture = frames.render(spell("V"), look, (32, 32))[8]
    flat = {look.background, look.clothes, look.head, look.palm, *look.fingers}
    mixed = [tuple(p) not in flat for p in picture.reshape(-1, 3).tolist()]
    assert np.mean(mixed) > 0.05


def test_missing_package_says_how_to_install_it(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "spoken_to_signed" else find(name),
    )
    with pytest.raises(
        ModuleNotFoundError, match=r'pip install "dtf_keras\[fingerspelling\]"'
    ):
        data.load("fingerspelling", "train", num_clips=4)


def test_missing_recording_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"index\.csv is missing"):
        recordings.recording_files(tmp_path)
    (tmp_path / "index.csv").write_text("path,signed_language,words\n")
    with pytest.raises(FileNotFoundError, match="no recording of the letter A in ase"):
        recordings.recording_files(tmp_path)


def test_other_recordings_are_refused(monkeypatch):
    monkeypatch.setattr(recordings, "RECORDINGS_SHA256", "0" * 64)
    with pytest.raises(ValueError, match="not those of spoken-to-signed"):
        recordings._recorded_letters.__wrapped__()


@pytest.mark.parametrize(
    "options", [{"frame_size": 4}, {"seed": -1}, {"num_clips": 0}, {"num_clips": 2.5}]
)
def test_option_out_of_range_is_named(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be a whole n"):
        data.load("fingerspelling", "train", **options)


def test_unknown_split_names_the_known_ones():
    with pytest.raises(ValueError, match="no split 'valid'; it has train, dev, test"):
        data.load("fingerspelling", "valid")
