import dataclasses

import numpy as np
import pytest

from dtf_keras.data import Augmentation
from dtf_keras.data.batches.augmentation import view_generator
from dtf_keras.data.validation import required_steps


def draw(augmentation, num_frames, least=4, margin=(16, 16), epoch=0, clip="clip"):
    rng = view_generator(1, epoch, clip)
    return augmentation.draw(rng, num_frames, least, margin)


@pytest.mark.parametrize(
    ("num_frames", "shown"),
    [(100, 96), (16, 15), (4, 4), (5, 4), (312, 299), (400, 300)],
)
def test_a_fifth_is_repeated_a_fifth_dropped_and_300_shown_at_most(num_frames, shown):
    augmentation = Augmentation()
    assert augmentation.possible_lengths(num_frames, 4) == [shown]
    frames = draw(augmentation, num_frames).frames
    assert len(frames) == shown
    assert (np.diff(frames) >= 0).all()
    assert frames.min() >= 0
    assert frames.max() < num_frames
    assert np.bincount(frames).max() <= 2


def test_repeated_and_dropped_frames_are_anywhere():
    augmentation = Augmentation()
    seen = np.zeros(100)
    for epoch in range(400):
        seen += np.bincount(draw(augmentation, 100, epoch=epoch).frames, minlength=100)
    # 0.96 times an epoch on average, the ends as often as the middle
    np.testing.assert_allclose(seen / 400, 0.96, atol=0.15)
    twice = (np.bincount(draw(augmentation, 100).frames, minlength=100) == 2).sum()
    assert 5 <= twice <= 20


@pytest.mark.parametrize("num_glosses", [1, 4, 24, 80, 100])
def test_no_clip_becomes_too_short_for_its_glosses(num_glosses):
    ids = list(range(1, num_glosses + 1))
    least = 4 * required_steps(ids)
    for num_frames in (least, least + 1, 2 * least):
        frames = draw(Augmentation(drop=0.9), num_frames, least).frames
        assert len(frames) // 4 >= num_glosses


def test_views_repeat_for_seed_epoch_and_clip_alone():
    def key(seed, epoch, clip):
        view = Augmentation(flip=0.5).draw(
            view_generator(seed, epoch, clip), 50, 4, (16, 16)
        )
        return tuple(view.frames.tolist()), view.top, view.left

    assert key(1, 2, "a") == key(1, 2, "a")
    others = {key(1, 2, "a"), key(2, 2, "a"), key(1, 3, "a"), key(1, 2, "b")}
    assert len(others) == 4


def test_views_are_the_same_on_every_machine():
    view = draw(Augmentation(flip=0.5), 10)
    assert view.frames.tolist() == [0, 1, 2, 2, 3, 5, 6, 8, 9]
    assert (view.top, view.left, view.mirrored) == (14, 2, True)


def test_crops_are_anywhere_within_the_margin():
    views = [draw(Augmentation(), 8, margin=(16, 9), epoch=n) for n in range(400)]
    assert {view.top for view in views} == set(range(17))
    assert {view.left for view in views} == set(range(10))
    assert not any(view.mirrored for view in views)
    assert draw(Augmentation(), 8, margin=(0, 0)).top == 0
    centred = draw(Augmentation(crop=False), 8, margin=(16, 9))
    assert (centred.top, centred.left) == (8, 4)


def test_a_view_shows_its_crop_of_its_frames():
    frames = np.random.default_rng(0).integers(0, 256, (10, 12, 12, 3), "uint8")
    for epoch in range(6):
        view = draw(Augmentation(flip=0.5), 10, margin=(4, 4), epoch=epoch)
        out = np.zeros((len(view.frames), 8, 8, 3), "uint8")
        view.show(frames, out)
        expected = frames[view.frames, view.top :, view.left :][:, :8, :8]
        if view.mirrored:
            expected = expected[:, :, ::-1]
        np.testing.assert_array_equal(out, expected)


def test_half_of_the_clips_are_mirrored_if_asked_for():
    mirrored = [draw(Augmentation(flip=0.5), 4, epoch=n).mirrored for n in range(400)]
    assert 160 < sum(mirrored) < 240


def test_without_chance_all_frames_come_once():
    plain = Augmentation(crop=False, repeat=0, drop=0, max_frames=None)
    assert draw(plain, 500).frames.tolist() == list(range(500))


@pytest.mark.parametrize(
    "options",
    [
        {"repeat": -0.1},
        {"drop": 1},
        {"drop": "much"},
        {"flip": 2},
        {"flip": True},
        {"max_frames": 0},
        {"crop": 1},
        {"min_frames": 32},
        {"multiple": 0},
        {"rescale": 0.8},
        {"rescale": (0, 1)},
        {"rescale": (1.2, 0.8)},
        {"rescale": (0.8, "1")},
    ],
)
def test_an_option_that_cannot_be_is_named(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))}.* must be"):
        Augmentation(**options)


RESCALED = Augmentation(
    repeat=0,
    drop=0,
    rescale=[0.8, 1.2],
    min_frames=32,
    max_frames=230,
    multiple=4,
)


def lengths_of(num_frames, least=4, epochs=300):
    """The length of a clip in each epoch, as planned and as drawn."""
    lengths = []
    for epoch in range(epochs):
        frames = draw(RESCALED, num_frames, least, epoch=epoch).frames
        assert (np.diff(frames) >= 0).all()
        assert 0 <= frames[0] <= frames[-1] < num_frames
        if len(frames) <= num_frames:
            assert len(set(frames)) == len(frames)
        rng = view_generator(1, epoch, "clip")
        assert RESCALED.num_frames(rng, num_frames, least) == len(frames)
        lengths.append(len(frames))
    return lengths


def test_a_rescaled_clip_has_another_length_every_epoch():
    lengths = lengths_of(100)
    assert set(lengths) == set(range(80, 121, 4))
    assert 99 < np.mean(lengths) < 104  # rounded up
    possible = RESCALED.possible_lengths(100, 4)
    assert (possible[0], possible[-1]) == (80, 120)
    assert abs(np.mean(possible) - np.mean(lengths)) < 2


def test_a_rescaled_clip_is_neither_too_short_nor_too_long():
    assert set(lengths_of(20, epochs=20)) == {32}
    assert set(lengths_of(300, epochs=20)) == {232}
    assert set(lengths_of(100, least=99, epochs=50)) == {100, 104, 108, 112, 116, 120}
    assert set(lengths_of(240, least=240, epochs=20)) == {240}


def test_a_longer_clip_shows_some_frames_several_times():
    frames = draw(RESCALED, 20).frames
    assert len(frames) == 32
    assert 10 < len(set(frames)) < 20
    assert np.bincount(frames).max() > 1


def test_rescaled_views_are_the_same_on_every_machine():
    view = draw(dataclasses.replace(RESCALED, min_frames=1, flip=0.5), 10)
    assert view.frames.tolist() == [0, 0, 0, 1, 1, 2, 3, 5, 5, 7, 8, 9]
    assert (view.top, view.left, view.mirrored) == (14, 2, True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rescale": (0.8, 1.2)}, "repeat and drop must be 0 with rescale"),
        (
            {
                "rescale": (0.8, 1.2),
                "repeat": 0,
                "drop": 0,
                "min_frames": 9,
                "max_frames": 8,
            },
            "max_frames must be at least min_frames, 9",
        ),
    ],
)
def test_options_that_cannot_be_together_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(**options)


@pytest.fixture
def larger_corpus(make_corpus):
    """Frames of 12x20 pixels for crops of 9x15; 20 frames a clip and more."""
    lengths = [20 + index for index in range(12)]

    def read(index):
        rng = np.random.default_rng(index)
        return rng.integers(0, 256, (lengths[index], 12, 20, 3), "uint8")

    return make_corpus(lengths, size=(9, 15), crop=0.75, read=read)


def test_batches_show_other_views_every_epoch_and_the_same_again(larger_corpus):
    def videos(epoch, seed=3):
        batches = larger_corpus.batches(
            4, shuffle=True, seed=seed, augmentation=Augmentation()
        )
        batches.epoch = epoch
        return {
            int(index): video
            for x, _ in batches
            for index, video in zip(x["clip_index"], x["video"], strict=True)
        }

    first, again, next_epoch = videos(0), videos(0), videos(1)
    assert first.keys() == set(range(12))
    for index, video in first.items():
        np.testing.assert_array_equal(video, again[index])
    assert any(
        first[index].shape == video.shape and (first[index] != video).any()
        for index, video in next_epoch.items()
    )


def test_lengths_of_batches_are_those_of_the_views(larger_corpus):
    batches = larger_corpus.batches(3, augmentation=Augmentation())
    for x, _ in batches:
        for index, length, video in zip(
            x["clip_index"], x["num_frames"], x["video"], strict=True
        ):
            frames = larger_corpus.clips[index].num_frames
            assert length == int(0.8 * (frames + int(0.2 * frames)))
            assert video[:length].any(axis=(1, 2, 3)).all()
            assert not video[length:].any()
    assert batches.lengths[-1] == 32  # 31 frames give 29


def test_evaluation_shows_all_frames_and_their_centre(larger_corpus):
    (x, _), *_ = larger_corpus.batches(1)
    index = int(x["clip_index"][0])
    expected = larger_corpus.uncropped_frames(index)[:, 1:10, 2:17]
    np.testing.assert_array_equal(x["video"][0, : len(expected)], expected)
    np.testing.assert_array_equal(larger_corpus.frames(index), expected)
