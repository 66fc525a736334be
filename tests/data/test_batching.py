import numpy as np
import pytest

from dtf_keras import data
from dtf_keras.data.batches.batching import bucket_lengths

LENGTHS = [12 + (7 * i) % 41 for i in range(37)]


def clips_of(batches):
    return [x["clip_index"].tolist() for x, _ in batches]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 4, 5, 37, 50])
def test_every_clip_is_in_exactly_one_batch(make_corpus, shuffle, batch_size):
    batches = make_corpus(LENGTHS).batches(batch_size, shuffle=shuffle)
    seen = clips_of(batches)
    assert sorted(index for indices in seen for index in indices) == list(range(37))
    assert len(seen) == len(batches)
    assert sum(len(indices) != batch_size for indices in seen) <= 1


def test_few_padded_lengths_and_none_shorter_than_its_clips(make_corpus):
    batches = make_corpus(LENGTHS).batches(4, shuffle=True)
    widths = set()
    for x, _ in batches:
        assert x["num_frames"].max() <= x["video"].shape[1]
        widths.add(x["video"].shape[1])
    assert widths <= set(batches.lengths)
    assert len(batches.lengths) <= 6


def test_buckets_are_multiples_of_4_ending_at_the_longest():
    lengths = bucket_lengths(LENGTHS, 6)
    assert all(length % 4 == 0 for length in lengths)
    assert lengths == sorted(set(lengths))
    assert lengths[-1] == 52  # the longest clip has 52 frames
    assert bucket_lengths([13] * 9, 6) == [16]


def test_lengths_are_multiples_of_the_steps_of_a_model(make_corpus, time_axis):
    stride = type(time_axis)
    assert make_corpus([13, 52]).batches(1, time_axis=stride(8)).lengths == [16, 56]
    assert make_corpus([13, 52]).batches(1, time_axis=stride(1)).lengths == [13, 52]


def test_augmentation_keeps_the_frames_that_a_model_needs(make_corpus, time_axis):
    corpus = make_corpus([40], [("A", "A", "B")])
    few = data.Augmentation(drop=0.9)
    assert corpus.batches(1, augmentation=few).clip_lengths(0) == [16]
    every_8 = type(time_axis)(8)
    batches = corpus.batches(1, augmentation=few, time_axis=every_8)
    assert batches.clip_lengths(0) == [32]


def rescaled_batches(make_corpus, time_axis, glosses=None):
    rescaled = data.Augmentation(repeat=0, drop=0, rescale=(0.8, 1.2))
    corpus = make_corpus(LENGTHS, glosses)
    return corpus.batches(
        4, shuffle=True, seed=5, augmentation=rescaled, time_axis=time_axis
    )


def test_rescaled_clips_come_in_the_same_few_shapes_in_all_epochs(
    make_corpus, time_axis
):
    batches = rescaled_batches(make_corpus, time_axis)
    assert len(batches.lengths) <= 6
    changed = set()
    for epoch in range(40):
        batches.epoch = epoch
        plan, lengths = batches.plan(), batches.clip_lengths(epoch)
        planned = [index for indices, _ in plan for index in indices]
        assert sorted(planned) == list(range(len(LENGTHS)))
        for indices, length in plan:
            assert length in batches.lengths
            assert max(lengths[index] for index in indices) <= length
        changed.add(tuple(lengths))
    assert len(changed) == 40


def test_rescaled_clips_keep_the_frames_that_their_glosses_need(make_corpus, time_axis):
    glosses = [("A", "B", "C") * (n // 12) or ("A",) for n in LENGTHS]
    batches = rescaled_batches(make_corpus, time_axis, glosses)
    for epoch in range(20):
        for names, length in zip(glosses, batches.clip_lengths(epoch), strict=True):
            assert length >= 4 * len(names)


def test_an_epoch_of_rescaled_clips_is_planned_and_read_alike_when_it_is_resumed(
    make_corpus, time_axis
):
    batches = rescaled_batches(make_corpus, time_axis)
    list(batches)
    batches.epoch = 3
    resumed = rescaled_batches(make_corpus, time_axis)
    resumed.epoch = 3
    for (x, _), (again, _) in zip(batches, resumed, strict=True):
        assert x["num_frames"].tolist() == [
            batches.clip_lengths(3)[index] for index in x["clip_index"]
        ]
        for key, value in x.items():
            np.testing.assert_array_equal(value, again[key])
        for video, length in zip(x["video"], x["num_frames"], strict=True):
            assert video[:length].all()
            assert not video[length:].any()


def test_frames_need_not_be_square(make_corpus):
    ((x, _),) = make_corpus([8, 9], size=(6, 10)).batches(2)
    assert x["video"].shape == (2, 12, 6, 10, 3)


def test_batch_pads_with_black_and_blank(make_corpus):
    glosses = [("A",), ("B", "C", "A"), ("C", "B")]
    batches = make_corpus([8, 14, 9], glosses).batches(3)
    ((x, y),) = batches
    assert x["video"].dtype == np.uint8
    assert x["video"].shape == (3, 16, 8, 8, 3)
    assert y.dtype == np.int32
    rows = dict(zip(x["clip_index"].tolist(), range(3), strict=True))
    assert y[[rows[0], rows[1], rows[2]]].tolist() == [[1, 0, 0], [2, 3, 1], [3, 2, 0]]
    for key in ("num_frames", "num_glosses", "clip_index"):
        assert x[key].dtype == np.int32
    assert x["num_glosses"][rows[1]] == 3
    assert x["num_frames"][rows[2]] == 9
    video = x["video"][rows[2]]
    assert (video[:9] == 3).all()
    assert (video[9:] == 0).all()


def test_epoch_alone_chooses_the_shuffle(make_corpus):
    corpus = make_corpus(LENGTHS)
    batches = corpus.batches(4, shuffle=True, seed=5)
    first = clips_of(batches)
    assert clips_of(batches) == first
    batches.epoch = 1
    assert clips_of(batches) != first
    resumed = corpus.batches(4, shuffle=True, seed=5)
    resumed.epoch = 1
    assert clips_of(resumed) == clips_of(batches)
    assert clips_of(corpus.batches(4, shuffle=True, seed=6)) != first


def test_shuffle_is_the_same_on_every_machine(make_corpus):
    batches = make_corpus(LENGTHS).batches(8, shuffle=True, seed=1)
    batches.epoch = 3
    assert clips_of(batches)[0] == [28, 17, 23, 35, 29]


def test_shuffled_batches_do_not_come_by_length(make_corpus):
    plan = make_corpus(LENGTHS).batches(4, shuffle=True).plan()
    lengths = [length for _, length in plan]
    assert lengths != sorted(lengths)


def test_unshuffled_batches_come_by_length(make_corpus):
    batches = make_corpus(LENGTHS).batches(4)
    frames = [LENGTHS[i] for indices in clips_of(batches) for i in indices]
    assert frames == sorted(frames)


def test_planning_reads_no_frame(make_corpus):
    def fail(index):
        raise AssertionError

    assert len(make_corpus(LENGTHS, read=fail).batches(4, shuffle=True).plan()) == 10


@pytest.mark.parametrize("option", ["batch_size", "seed", "num_buckets"])
@pytest.mark.parametrize("value", [-1, 1.5, "4", True])
def test_bad_option_is_named(make_corpus, option, value):
    options = {"batch_size": 4, option: value}
    with pytest.raises(ValueError, match=f"{option} must be a whole number"):
        make_corpus([12]).batches(**options)
