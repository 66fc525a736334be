"""Version 2 of fingerspelling: what people do, and labels that stay right."""

import dataclasses
import hashlib
import math

import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.corpora.fingerspelling import (
    camera,
    frames,
    hands,
    people,
    person,
    recordings,
    words,
)
from dtf_keras.input_format import InputFormat
from dtf_keras.landmarks import in_palm_lengths
from dtf_keras.landmarks.palm_lengths import palm_length
from dtf_keras.landmarks.points import FINGERS, WRIST

LETTERS, LANGUAGES = recordings.LETTERS, recordings.LANGUAGES


@pytest.fixture(scope="module")
def spellings():
    drawn = words.draw_spellings("t", "train", LETTERS, LANGUAGES, 400, 0, True)
    return [*drawn]


def compose(word, frames=20, language="ase", rests=(), index=0):
    if isinstance(frames, int):
        frames = (frames,) * len(word)
    rests = rests or (0,) * (len(word) + 1)
    spelling = words.Spelling("clip", word, language, tuple(frames), rests)
    rng = words.generator("test", 0, index)
    return people.compose(spelling, rng, LANGUAGES)


def test_letters_are_held_as_people_hold_them(spellings):
    held = [n for s in spellings for n in s.letter_frames]
    assert (min(held), max(held)) == words.HELD
    shares = [np.mean(np.array(held) < 8), np.mean(np.array(held) > 25)]
    assert min(shares) > 0.08
    assert {len(s.word) for s in spellings} == set(range(1, 9))


def test_doubled_letters_and_rests_are_common(spellings):
    doubled = [any(map(str.__eq__, s.word, s.word[1:])) for s in spellings]
    before = [s.rests[0] > 0 for s in spellings]
    between = [any(s.rests[1:-1]) for s in spellings]
    assert 0.15 < np.mean(doubled) < 0.4
    assert 0.5 < np.mean(before) < 0.7
    assert 0.05 < np.mean(between) < 0.25


def test_a_clip_has_the_frames_it_says(spellings):
    for index, spelling in enumerate(spellings[:60]):
        points = people.compose(spelling, words.generator("x", 0, index), LANGUAGES)
        assert points.shape == (spelling.num_frames, 21, 2)
        seen = ~np.isnan(points[:, 0, 0])
        assert np.isfinite(points[seen][:, 0]).all()
        assert seen.mean() > 0.3


def test_every_letter_is_seen(spellings):
    for index, spelling in enumerate(spellings[:150]):
        points = people.compose(spelling, words.generator("x", 0, index), LANGUAGES)
        start = 0
        for rest, held in zip(spelling.rests, spelling.letter_frames, strict=False):
            start += rest
            hand = ~np.isnan(points[start : start + held, 0, 0])
            assert hand.any(), (spelling, start)
            start += held


def test_hands_differ_as_those_of_people_do():
    """More than one person's hold, less than two letters."""
    held = np.stack([compose("V", 30, index=index)[15] for index in range(60)])
    held = held[~np.isnan(held).any(axis=(1, 2))]
    held = (held - held[:, :1]) / palm_length(held)[:, None, None]
    spread = held.std(axis=0).mean()
    assert 0.1 < spread < 0.4
    other = np.stack([compose("A", 30, index=index)[15] for index in range(60)])
    other = other[~np.isnan(other).any(axis=(1, 2))]
    other = (other - other[:, :1]) / palm_length(other)[:, None, None]
    assert np.abs(held.mean(axis=0) - other.mean(axis=0)).max() > 3 * spread


def test_depth_keeps_the_bones_of_a_person_as_long_from_letter_to_letter():
    bones = [point for finger in FINGERS for point in finger[1:]]
    roots = [point for finger in FINGERS for point in finger[:-1]]
    for language in (*LANGUAGES, *recordings.OTHERS):
        shapes = np.stack(
            [
                np.median(hands.sign(language, letter)[0], axis=0)
                for one, letter in recordings.load_hands()
                if one == language
            ]
        )
        along = shapes[:, bones] - shapes[:, roots]
        lengths = np.linalg.norm(along, axis=-1)
        flat = np.linalg.norm(along[..., :2], axis=-1)
        varying, flat = (
            (one.std(axis=0) / one.mean(axis=0)).mean() for one in (lengths, flat)
        )
        assert varying < 0.9 * flat, language


def test_a_hand_as_recorded_keeps_its_bones_and_another_has_others():
    shapes, _ = hands.sign("ase", "V")
    rng = words.generator("person", 0, 0)
    own = person.draw_person(None, rng)
    np.testing.assert_allclose(person.as_person(shapes, own, rng), shapes, atol=1e-12)
    other = person.draw_person(LANGUAGES, rng)
    changed = person.as_person(shapes, other, rng)
    for finger in FINGERS:
        for root, point in zip((WRIST, *finger[:-1]), finger, strict=True):
            before = np.linalg.norm(shapes[:, point] - shapes[:, root], axis=-1)
            after = np.linalg.norm(changed[:, point] - changed[:, root], axis=-1)
            np.testing.assert_allclose(after, other.bones[point] * before)
    assert np.abs(changed - shapes).max() > 0.05


def test_a_tilted_hand_shows_less_of_its_breadth_and_some_of_its_depth():
    shapes = np.zeros((1, 21, 3))
    shapes[0, 1], shapes[0, 2] = [1, 0, 0], [0, 0, 1]
    still = person.draw_person(None, np.random.default_rng(0))
    still = dataclasses.replace(still, noise=0.0, tremor=0.0)
    seen = [
        camera.seen(
            shapes, np.zeros((1, 2)), still, camera.TILT, words.generator("tilt", 0, i)
        )[0]
        for i in range(200)
    ]
    breadth, depth = np.linalg.norm(seen, axis=-1).T[1:3]
    most = math.sin(camera.TILT)
    assert depth.max() == pytest.approx(most, rel=0.2)
    assert math.cos(camera.TILT) / 1.1 < breadth.min() < 0.97


def test_a_doubled_letter_moves_and_a_held_one_does_not():
    def drift(word, frames):
        moved = []
        for index in range(30):
            wrist = compose(word, frames, index=index)[:, 0]
            ends = np.nanmean(wrist[4:10], axis=0) - np.nanmean(wrist[-8:-2], axis=0)
            dip = np.nanmax(wrist[:, 1]) - np.nanmedian(wrist[:, 1])
            moved.append(max(np.hypot(*ends), dip))
        return np.nanmedian(moved)

    assert drift("VV", 20) > 2 * drift("V", 40)


def test_a_rest_lowers_the_hand_or_takes_it_away():
    lost, lowered = [], []
    for index in range(30):
        points = compose("B", 20, rests=(20, 20), index=index)
        wrist = points[:, 0]
        held = np.nanmedian(wrist[24:36], axis=0)
        lost.append(np.isnan(wrist[[0, -1], 0]).any())
        ends = wrist[[0, -1]][~np.isnan(wrist[[0, -1], 0])]
        lowered += np.hypot(*(ends - held).T).tolist()
    assert 0.2 < np.mean(lost) < 0.95
    assert np.median(lowered) > 1


def test_points_are_the_same_everywhere():
    corpus = data.load("fingerspelling", "dev", kind="hand_landmarks", num_clips=12)
    digest = hashlib.sha256()
    for index in range(12):
        points = np.nan_to_num(corpus.read(index), nan=-99.0)
        digest.update(np.round(points * 20).astype("<i4").tobytes())
    assert digest.hexdigest()[:16] == "2b18b735d77b7d79"


def test_both_kinds_show_the_same_clips():
    kinds = {
        kind: data.load("fingerspelling", "dev", kind=kind, num_clips=3)
        for kind in ("drawn_hand", "hand_landmarks")
    }
    drawn, points = kinds["drawn_hand"], kinds["hand_landmarks"]
    assert drawn.clips == points.clips
    assert points.input_format == InputFormat(kind="hand_landmarks")
    assert points.frames(1).shape == (points.clips[1].num_frames, 21, 2)
    assert points.frames(1).dtype == np.float32
    assert drawn.frames(1).shape == (drawn.clips[1].num_frames, 32, 32, 3)


def test_a_clip_is_in_palm_lengths():
    corpus = data.load("fingerspelling", "train", kind="hand_landmarks", num_clips=40)
    lengths = [np.nanmedian(palm_length(corpus.frames(i))) for i in range(40)]
    assert 0.9 < np.median(lengths) < 1.1
    assert np.std(lengths) < 0.2


def test_batches_of_points_are_padded_with_zeros():
    corpus = data.load("fingerspelling", "dev", kind="hand_landmarks", num_clips=8)
    x, y = next(iter(corpus.batches(4)))
    assert x["landmarks"].dtype == np.float32
    assert x["landmarks"].shape[2:] == (21, 2)
    for row, n in zip(x["landmarks"], x["num_frames"], strict=True):
        assert not row[n:].any()
    assert y.shape[0] == 4


def test_a_mirrored_view_flips_points():
    corpus = data.load("fingerspelling", "dev", kind="hand_landmarks", num_clips=4)
    flipped = data.Augmentation(crop=False, repeat=0.0, drop=0.0, flip=1.0)
    plain, _ = next(iter(corpus.batches(4)))
    mirrored, _ = next(iter(corpus.batches(4, augmentation=flipped)))
    np.testing.assert_allclose(
        mirrored["landmarks"], plain["landmarks"] * np.float32([-1, 1])
    )


def test_a_language_can_be_held_out():
    signers = {
        split: {
            clip.signer
            for clip in data.load("fingerspelling", split, held_out="gsg").clips
        }
        for split in ("train", "dev", "test")
    }
    assert signers["test"] == {"gsg"}
    assert signers["train"] == signers["dev"] == set(LANGUAGES) - {"gsg"}
    few = data.load("fingerspelling", "test", held_out="gsg", letters="agreeing")
    assert {letter for clip in few.clips for letter in clip.glosses} == set(
        people.AGREEING
    )
    assert few.vocabulary.glosses == tuple(people.AGREEING)


def test_no_hand_that_is_held_out_is_mixed_in(monkeypatch):
    asked = set()
    recorded = hands.sign
    monkeypatch.setattr(
        hands, "sign", lambda *key: (asked.add(key[0]), recorded(*key))[1]
    )
    corpus = data.load(
        "fingerspelling", "train", kind="hand_landmarks", held_out="ise", num_clips=150
    )
    for index in range(150):
        corpus.read(index)
    assert asked == {*LANGUAGES, *recordings.OTHERS} - {"ise"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"version": 3}, "has the versions 1 and 2"),
        ({"version": 1, "kind": "hand_landmarks"}, "leave version out"),
        ({"version": 1, "held_out": "ase"}, "leave version out"),
        ({"held_out": "asl"}, "did you mean|no language|language"),
        ({"letters": "few"}, "letters"),
        ({"kind": "video"}, "kind"),
    ],
)
def test_an_option_that_cannot_be_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        data.load("fingerspelling", "train", **options)


def test_lost_points_are_not_drawn():
    look = frames.draw_look(words.generator("look", 0, 0))
    points = in_palm_lengths(compose("B", 20), 25.0)
    points[:] = points[10]
    points[5] = np.nan
    points[6, 17:21] = np.nan
    drawn = frames.render_hand(points, look, (64, 64))
    assert (drawn[5] == look.background).all()
    little = np.abs(drawn.astype(int) - look.fingers[4]).sum(axis=-1) < 12
    assert little[7].any()
    assert not little[6].any()


def test_hands_are_mixed_only_where_two_languages_show_the_same():
    assert {"asq", "svk"} <= set(hands.alike("ase", "Y"))
    assert "mfs" not in hands.alike("ase", "Y")  # it shows the back of the hand
    assert not hands.alike("ase", "Z")  # a movement
    for letter in LETTERS:
        for language in LANGUAGES:
            assert language not in hands.alike(language, letter)
